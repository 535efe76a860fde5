import { background, type Context, ellipse, polygon } from './shapes';

export function stopSign(c: Context): void {
  background(c, '#8fb7e0', '#dce9f4');
  c.fillStyle = '#5c8a4b';
  c.fillRect(0, 205, 320, 35);
  c.fillStyle = '#8b8f94';
  c.fillRect(154, 150, 12, 90);
  const octagon = (radius: number): [number, number][] =>
    Array.from({ length: 8 }, (_, i) => {
      const angle = ((i + 0.5) * Math.PI) / 4;
      return [160 + radius * Math.cos(angle), 100 + radius * Math.sin(angle)];
    });
  polygon(c, octagon(92), '#f7f7f5');
  polygon(c, octagon(85), '#c1121f');
  c.fillStyle = '#ffffff';
  c.font = '900 54px Arial, Helvetica, sans-serif';
  c.textAlign = 'center';
  c.textBaseline = 'middle';
  c.fillText('STOP', 160, 103);
}

export function yinYang(c: Context): void {
  background(c, '#ffffff');
  ellipse(c, 160, 120, 104, 104, '#000000');
  ellipse(c, 160, 120, 100, 100, '#ffffff');
  c.beginPath();
  c.arc(160, 120, 100, -Math.PI / 2, Math.PI / 2);
  c.fillStyle = '#000000';
  c.fill();
  ellipse(c, 160, 70, 50, 50, '#000000');
  ellipse(c, 160, 170, 50, 50, '#ffffff');
  ellipse(c, 160, 70, 14, 14, '#ffffff');
  ellipse(c, 160, 170, 14, 14, '#000000');
}
