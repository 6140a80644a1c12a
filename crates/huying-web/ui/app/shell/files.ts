/** Photographs on their way to the engine. */
import { putFile, slimmed } from "./data/files";

export { slimmed } from "./data/files";

export const sendFile = async (file: Blob): Promise<string> => (await putFile(await slimmed(file))).hash;
