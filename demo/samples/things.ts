import { background, type Context, ellipse, polygon, shape } from './shapes';

export function airplane(c: Context): void {
  background(c, '#b9cfe2', '#e3e7e6');
  c.fillStyle = '#8a9a6b';
  c.fillRect(0, 172, 320, 20);
  c.fillStyle = '#9b9c98';
  c.fillRect(0, 186, 320, 54);
  ellipse(c, 165, 196, 130, 6, '#7d7e7b');
  // The far wing, the fin and the tail plane.
  polygon(
    c,
    [
      [150, 128],
      [122, 108],
      [136, 107],
      [186, 128],
    ],
    '#aeb6bd',
  );
  polygon(
    c,
    [
      [64, 126],
      [34, 70],
      [52, 70],
      [98, 120],
    ],
    '#23508e',
  );
  shape(
    c,
    [
      [30, 124],
      [70, 114],
      [236, 112],
      [282, 124],
      [292, 136],
      [276, 146],
      [150, 152],
      [70, 142],
    ],
    '#f5f6f7',
    '#8d969e',
  );
  polygon(
    c,
    [
      [70, 128],
      [22, 116],
      [40, 114],
      [92, 124],
    ],
    '#c3cad0',
  );
  c.fillStyle = '#23508e';
  c.fillRect(52, 133, 222, 3);
  for (let x = 84; x < 252; x += 9) ellipse(c, x, 126, 1.9, 2.3, '#3b4a58');
  polygon(
    c,
    [
      [262, 119],
      [277, 125],
      [266, 128],
      [257, 126],
    ],
    '#2b3947',
  );
  // The near wing with its engine, and the wheels.
  polygon(
    c,
    [
      [180, 142],
      [96, 166],
      [110, 168],
      [212, 146],
    ],
    '#aab3ba',
  );
  ellipse(c, 166, 160, 18, 8, '#5a646d');
  ellipse(c, 181, 160, 4, 7, '#d4d9dd');
  c.fillStyle = '#5a646d';
  c.fillRect(150, 150, 4, 38);
  c.fillRect(258, 144, 4, 44);
  for (const x of [146, 157, 260]) ellipse(c, x, 190, 6, 6, '#23272b');
}

export function soccerBall(c: Context): void {
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

export function sunflower(c: Context): void {
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

export function umbrella(c: Context): void {
  background(c, '#ffffff');
  c.lineCap = 'round';
  // Straight: to the segmenter a curved handle is a flamingo's neck.
  for (const [color, width, start] of [
    ['#8a929c', 5, 40],
    ['#2c4fb3', 13, 188],
  ] as const) {
    c.strokeStyle = color;
    c.lineWidth = width;
    c.beginPath();
    c.moveTo(160, start);
    c.lineTo(160, 208);
    c.stroke();
  }
  const tones = ['#2c4fb3', '#3f6ad9', '#5a8ae4', '#3f6ad9', '#2c4fb3'];
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
