import { clock } from './dom.js';

const ns = 'http://www.w3.org/2000/svg';
const W = 360, H = 150, left = 34, bottom = 20, top = 8;

function svg(tag, attrs, text) {
  const e = document.createElementNS(ns, tag);
  for (const [k, v] of Object.entries(attrs)) e.setAttribute(k, v);
  if (text != null) e.textContent = text;
  return e;
}

// nice is a round number at or above a value.
function nice(v) {
  const p = 10 ** Math.floor(Math.log10(v));
  for (const m of [1, 1.5, 2, 3, 4, 6, 8, 10]) if (m * p >= v) return m * p;
  return 10 * p;
}

// draw shows frames a second over time, machines on top of each other.
export function draw(box, plot) {
  const n = plot.rows.length ? plot.rows[0].length : 0;
  const sums = Array.from({ length: n }, (_, i) => plot.rows.reduce((s, r) => s + r[i], 0));
  const most = Math.max(0, ...sums);
  if (!n || most <= 0) {
    const p = document.createElement('p');
    p.className = 'quiet';
    p.textContent = 'Nothing was made in the last hours.';
    box.replaceChildren(p);
    return;
  }
  const high = nice(most);
  const x = i => left + (W - left - 2) * i / n;
  const y = v => top + (H - top - bottom) * (1 - v / high);
  const s = svg('svg', { viewBox: `0 0 ${W} ${H}`, role: 'img' });
  const end = plot.from + plot.step * n;
  s.setAttribute('aria-label', `Frames a second from ${clock(plot.from)} to ${clock(end)}: at most ${Math.round(most)}, at the end ${Math.round(sums[n - 1])}`);
  for (const v of [0, high / 2, high]) {
    s.append(svg('line', { class: 'grid', x1: left, x2: W - 2, y1: y(v), y2: y(v) }));
    s.append(svg('text', { x: left - 6, y: y(v) + 4, 'text-anchor': 'end' }, String(v)));
  }
  const base = new Array(n).fill(0);
  plot.rows.forEach((row, k) => {
    const edge = (i, v) => `${x(i).toFixed(1)},${y(v).toFixed(1)} ${x(i + 1).toFixed(1)},${y(v).toFixed(1)}`;
    const back = (i, v) => `${x(i + 1).toFixed(1)},${y(v).toFixed(1)} ${x(i).toFixed(1)},${y(v).toFixed(1)}`;
    const up = row.map((v, i) => edge(i, base[i] + v));
    const down = base.map((v, i) => back(i, v)).reverse();
    const a = svg('polygon', { class: 'area', points: [...up, ...down].join(' ') });
    a.style.setProperty('--tint', `var(--c${plot.tints[k] % 10})`);
    a.append(svg('title', {}, plot.names[k]));
    s.append(a);
    row.forEach((v, i) => { base[i] += v; });
  });
  const mid = plot.from + plot.step * n / 2;
  s.append(svg('text', { x: left, y: H - 4 }, clock(plot.from)));
  s.append(svg('text', { x: (left + W) / 2, y: H - 4, 'text-anchor': 'middle' }, clock(mid)));
  s.append(svg('text', { x: W - 2, y: H - 4, 'text-anchor': 'end' }, 'now'));
  box.replaceChildren(s);
}
