import { ask } from "@/wire/data/http";

/** The longest edge of a photograph that is sent, in pixels: enough to see a kerb, little enough for a weak signal. */
const EDGE_PX_MAX = 1_920;
const QUALITY = 0.82;

/** A photograph as it is sent: smaller, and without what the camera wrote into it beside the picture. */
export async function slimmed(photo: Blob): Promise<Blob> {
  if (!photo.type.startsWith("image/") || typeof createImageBitmap === "undefined") return photo;
  const picture = await createImageBitmap(photo).catch(() => null);
  if (!picture) return photo;
  const scale = Math.min(1, EDGE_PX_MAX / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return (await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY))) ?? photo;
}

export const putFile = (bytes: Blob) => ask<{ hash: string; type: string; bytes: number }>("POST", "/v1/files", { bytes });
