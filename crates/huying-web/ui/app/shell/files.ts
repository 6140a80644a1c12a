/** Photographs on their way to the engine. */
import { putFile, slimmed } from "./data/files";

export { slimmed } from "./data/files";

export const sendFile = async (file: Blob, open = false): Promise<string> =>
  (await putFile(await slimmed(file), open ? "/v1/resident/files" : "/v1/files")).hash;
