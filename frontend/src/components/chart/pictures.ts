const COLUMNS = 2;
const GAP_PX = 16;

/** Some pictures as one, two beside each other, each row as high as its higher one. */
export async function onePicture(pictures: readonly Blob[], ground: string): Promise<Blob | null> {
  const images = await Promise.all(pictures.map((one) => createImageBitmap(one)));
  const rows = Array.from({ length: Math.ceil(images.length / COLUMNS) }, (_, row) => images.slice(row * COLUMNS, (row + 1) * COLUMNS));
  const width = Math.max(0, ...images.map((one) => one.width));
  const heights = rows.map((row) => Math.max(...row.map((one) => one.height)));
  const canvas = document.createElement("canvas");
  const columns = Math.min(COLUMNS, images.length);
  canvas.width = columns * width + (columns - 1) * GAP_PX;
  canvas.height = heights.reduce((sum, height) => sum + height + GAP_PX, -GAP_PX);
  const context = canvas.getContext("2d");
  if (!context || images.length === 0) return null;
  context.fillStyle = ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  let top = 0;
  rows.forEach((row, index) => {
    row.forEach((image, column) => context.drawImage(image, column * (width + GAP_PX), top));
    top += (heights[index] ?? 0) + GAP_PX;
  });
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
