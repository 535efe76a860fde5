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

export function flamingo(c: Context): void {
  background(c, '#a8cfe6', '#d8e9e4');
  c.fillStyle = '#7fb0bd';
  c.fillRect(0, 190, 320, 50);
  c.strokeStyle = '#e0607e';
  c.lineWidth = 5;
  for (const x of [158, 176]) {
    c.beginPath();
    c.moveTo(x, 140);
    c.lineTo(x + 4, 185);
    c.lineTo(x - 2, 226);
    c.stroke();
  }
  shape(
    c,
    [
      [100, 120],
      [135, 92],
      [190, 92],
      [232, 112],
      [250, 130],
      [205, 152],
      [140, 156],
    ],
    '#f4879f',
    '#d95f7e',
  );
  shape(
    c,
    [
      [150, 110],
      [205, 108],
      [246, 128],
      [200, 142],
      [160, 138],
    ],
    '#ea6a89',
  );
  c.strokeStyle = '#f4879f';
  c.lineWidth = 13;
  c.lineCap = 'round';
  c.beginPath();
  c.moveTo(118, 120);
  c.bezierCurveTo(60, 110, 140, 70, 108, 36);
  c.stroke();
  ellipse(c, 102, 32, 16, 12, '#f4879f');
  shape(
    c,
    [
      [92, 26],
      [74, 34],
      [66, 54],
      [78, 50],
      [92, 42],
    ],
    '#fbe6e4',
  );
  shape(
    c,
    [
      [74, 42],
      [64, 50],
      [68, 60],
      [78, 50],
    ],
    '#1c1c1c',
  );
  ellipse(c, 101, 29, 2.4, 2.4, '#1c1c1c');
}
