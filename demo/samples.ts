/** Pictures drawn in code, so that the page has something to look at without a network or a photograph. */
export interface DrawnSample {
  readonly name: string;
  readonly draw: (context: CanvasRenderingContext2D) => void;
}

/** Width and height of a drawn sample, in pixels. */
export const SAMPLE_SIZE = [320, 240] as const;

export function drawSample({ draw }: DrawnSample): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = SAMPLE_SIZE;
  draw(canvas.getContext('2d')!);
  return canvas;
}

type Context = CanvasRenderingContext2D;

function background(c: Context, top: string, bottom = top): void {
  const gradient = c.createLinearGradient(0, 0, 0, SAMPLE_SIZE[1]);
  gradient.addColorStop(0, top);
  gradient.addColorStop(1, bottom);
  c.fillStyle = gradient;
  c.fillRect(0, 0, ...SAMPLE_SIZE);
}

function ellipse(c: Context, x: number, y: number, rx: number, ry: number, fill: string, angle = 0): void {
  c.beginPath();
  c.ellipse(x, y, rx, ry, angle, 0, 2 * Math.PI);
  c.fillStyle = fill;
  c.fill();
}

/** A closed shape from points, through which the outline is smoothed. */
function shape(c: Context, points: readonly (readonly [number, number])[], fill: string, stroke?: string): void {
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

function polygon(c: Context, points: readonly (readonly [number, number])[], fill: string): void {
  c.beginPath();
  for (const [x, y] of points) c.lineTo(x, y);
  c.closePath();
  c.fillStyle = fill;
  c.fill();
}

/** The same on the left and the right of a vertical line. */
function mirrored(c: Context, x: number, paint: () => void): void {
  paint();
  c.save();
  c.translate(2 * x, 0);
  c.scale(-1, 1);
  paint();
  c.restore();
}

function butterfly(c: Context): void {
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

function airplane(c: Context): void {
  background(c, '#5f9bd8', '#cfe4f5');
  for (const [x, y, r] of [
    [60, 60, 22],
    [85, 52, 28],
    [112, 62, 20],
    [245, 190, 26],
    [275, 196, 20],
  ])
    ellipse(c, x, y, r * 1.6, r * 0.6, '#eef5fb');
  polygon(
    c,
    [
      [52, 128],
      [30, 78],
      [52, 78],
      [92, 122],
    ],
    '#2d5fa8',
  );
  polygon(
    c,
    [
      [50, 132],
      [22, 116],
      [40, 114],
      [86, 128],
    ],
    '#c9d3dd',
  );
  shape(
    c,
    [
      [40, 132],
      [80, 118],
      [230, 114],
      [285, 128],
      [290, 136],
      [270, 146],
      [150, 152],
      [70, 146],
    ],
    '#eef1f4',
    '#76828e',
  );
  polygon(
    c,
    [
      [150, 138],
      [96, 196],
      [118, 198],
      [202, 142],
    ],
    '#b7c2cd',
  );
  polygon(
    c,
    [
      [164, 120],
      [134, 88],
      [148, 86],
      [206, 117],
    ],
    '#a9b5c1',
  );
  ellipse(c, 142, 172, 17, 7, '#57626d');
  for (let x = 96; x < 252; x += 11) ellipse(c, x, 128, 2.6, 3, '#31465c');
  polygon(
    c,
    [
      [262, 121],
      [278, 126],
      [268, 130],
      [256, 128],
    ],
    '#31465c',
  );
  c.fillStyle = '#2d5fa8';
  c.fillRect(72, 137, 200, 3);
}

function stopSign(c: Context): void {
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

function yinYang(c: Context): void {
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

function soccerBall(c: Context): void {
  background(c, '#5fa04c', '#3f7d33');
  ellipse(c, 165, 205, 95, 16, '#2f5f27');
  ellipse(c, 160, 120, 88, 88, '#f6f6f4');
  c.save();
  c.beginPath();
  c.arc(160, 120, 88, 0, 2 * Math.PI);
  c.clip();
  const pentagon = (x: number, y: number, r: number, turn: number): void =>
    polygon(
      c,
      Array.from({ length: 5 }, (_, i) => {
        const angle = turn + (i * 2 * Math.PI) / 5;
        return [x + r * Math.cos(angle), y + r * Math.sin(angle)] as const;
      }),
      '#161616',
    );
  c.strokeStyle = '#161616';
  c.lineWidth = 3;
  for (let i = 0; i < 5; i++) {
    const angle = -Math.PI / 2 + (i * 2 * Math.PI) / 5;
    pentagon(160 + 84 * Math.cos(angle), 120 + 84 * Math.sin(angle), 28, angle);
    c.beginPath();
    c.moveTo(160 + 28 * Math.cos(angle), 120 + 28 * Math.sin(angle));
    c.lineTo(160 + 58 * Math.cos(angle), 120 + 58 * Math.sin(angle));
    c.stroke();
  }
  pentagon(160, 120, 28, -Math.PI / 2);
  c.restore();
}

function sunflower(c: Context): void {
  background(c, '#7db4e6', '#cde3f4');
  c.strokeStyle = '#3e7a2c';
  c.lineWidth = 12;
  c.beginPath();
  c.moveTo(160, 120);
  c.quadraticCurveTo(172, 190, 158, 245);
  c.stroke();
  ellipse(c, 200, 205, 42, 15, '#4b8f36', -0.4);
  for (const [count, radius, tone] of [
    [20, 76, '#f2a900'],
    [20, 66, '#ffc928'],
  ] as const) {
    for (let i = 0; i < count; i++) {
      const angle = ((i + (radius > 70 ? 0.5 : 0)) * 2 * Math.PI) / count;
      ellipse(c, 160 + radius * Math.cos(angle), 105 + radius * Math.sin(angle), 30, 10, tone, angle);
    }
  }
  ellipse(c, 160, 105, 46, 46, '#4a2c12');
  for (let i = 1; i < 150; i++) {
    const r = 3.6 * Math.sqrt(i);
    ellipse(c, 160 + r * Math.cos(i * 2.4), 105 + r * Math.sin(i * 2.4), 1.7, 1.7, i % 2 ? '#7d5122' : '#2b1808');
  }
}

function flamingo(c: Context): void {
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

function umbrella(c: Context): void {
  background(c, '#ffffff');
  c.strokeStyle = '#5a3a1c';
  c.lineWidth = 7;
  c.lineCap = 'round';
  c.beginPath();
  c.moveTo(160, 40);
  c.lineTo(160, 196);
  c.arc(146, 196, 14, 0, Math.PI);
  c.stroke();
  const tones = ['#b3202c', '#d93a3f', '#e4595a', '#d93a3f', '#b3202c'];
  for (let i = 0; i < 5; i++) {
    const x = 60 + i * 40;
    c.beginPath();
    c.moveTo(160, 36);
    c.quadraticCurveTo(160 + (x - 160) * 0.95, 46, x, 122);
    c.quadraticCurveTo(x + 20, 104, x + 40, 122);
    c.quadraticCurveTo(160 + (x + 40 - 160) * 0.95, 46, 160, 36);
    c.fillStyle = tones[i];
    c.fill();
  }
}

export const DRAWN_SAMPLES: readonly DrawnSample[] = [
  { name: 'butterfly', draw: butterfly },
  { name: 'airplane', draw: airplane },
  { name: 'stop sign', draw: stopSign },
  { name: 'yin-yang', draw: yinYang },
  { name: 'flamingo', draw: flamingo },
  { name: 'sunflower', draw: sunflower },
  { name: 'soccer ball', draw: soccerBall },
  { name: 'umbrella', draw: umbrella },
];
