import { background, type Context, ellipse, mirrored, shape } from './shapes';

export function butterfly(c: Context): void {
  background(c, '#9cc48a', '#5d8f4e');
  for (let i = 0; i < 60; i++) ellipse(c, (i * 73) % 320, (i * 131) % 240, 9, 3, i % 2 ? '#7fae6d' : '#4c7d3f', i);
  mirrored(c, 160, () => {
    shape(
      c,
      [
        [158, 110],
        [140, 70],
        [90, 30],
        [35, 30],
        [40, 80],
        [80, 120],
        [140, 125],
      ],
      '#e8821a',
      '#1d1408',
    );
    shape(
      c,
      [
        [158, 125],
        [120, 128],
        [75, 150],
        [80, 195],
        [120, 210],
        [150, 170],
      ],
      '#d9690f',
      '#1d1408',
    );
    for (const [x, y] of [
      [55, 45],
      [62, 62],
      [48, 60],
      [100, 190],
      [92, 175],
      [115, 196],
    ])
      ellipse(c, x, y, 5, 4, '#fff4d8');
    c.strokeStyle = '#2a1a08';
    c.lineWidth = 4;
    for (const [x, y] of [
      [50, 45],
      [75, 85],
      [110, 100],
      [95, 180],
      [125, 195],
    ]) {
      c.beginPath();
      c.moveTo(156, 118);
      c.quadraticCurveTo((156 + x) / 2, y - 8, x, y);
      c.stroke();
    }
    c.lineWidth = 2;
    c.beginPath();
    c.moveTo(158, 85);
    c.quadraticCurveTo(145, 55, 130, 45);
    c.stroke();
  });
  ellipse(c, 160, 130, 7, 48, '#1d1408');
  ellipse(c, 160, 86, 8, 9, '#1d1408');
}
