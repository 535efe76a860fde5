// Shapes from which samples are drawn.

/** Width and height of a drawn sample, in units of its drawing. */
export const SAMPLE_SIZE = [320, 240] as const;

export type Context = CanvasRenderingContext2D;

export function background(c: Context, top: string, bottom = top): void {
  const gradient = c.createLinearGradient(0, 0, 0, SAMPLE_SIZE[1]);
  gradient.addColorStop(0, top);
  gradient.addColorStop(1, bottom);
  c.fillStyle = gradient;
  c.fillRect(0, 0, ...SAMPLE_SIZE);
}

export function ellipse(c: Context, x: number, y: number, rx: number, ry: number, fill: string, angle = 0): void {
  c.beginPath();
  c.ellipse(x, y, rx, ry, angle, 0, 2 * Math.PI);
  c.fillStyle = fill;
  c.fill();
}

/** A closed shape from points, through which the outline is smoothed. */
export function shape(c: Context, points: readonly (readonly [number, number])[], fill: string, stroke?: string): void {
  const middle = (a: readonly [number, number], b: readonly [number, number]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  c.beginPath();
  const [startX, startY] = middle(points.at(-1)!, points[0]);
  c.moveTo(startX, startY);
  for (const [i, point] of points.entries()) {
    const [x, y] = middle(point, points[(i + 1) % points.length]);
    c.quadraticCurveTo(point[0], point[1], x, y);
  }
  c.closePath();
  c.fillStyle = fill;
  c.fill();
  if (stroke) {
    c.strokeStyle = stroke;
    c.lineWidth = 3;
    c.stroke();
  }
}

export function polygon(c: Context, points: readonly (readonly [number, number])[], fill: string): void {
  c.beginPath();
  for (const [x, y] of points) c.lineTo(x, y);
  c.closePath();
  c.fillStyle = fill;
  c.fill();
}

/** The same on the left and the right of a vertical line. */
export function mirrored(c: Context, x: number, paint: () => void): void {
  paint();
  c.save();
  c.translate(2 * x, 0);
  c.scale(-1, 1);
  paint();
  c.restore();
}
