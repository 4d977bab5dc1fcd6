// Elements and words. Text reaches the page as text alone: nothing here or elsewhere makes markup of it.

export const $ = id => document.getElementById(id);

export function el(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) {
    if (k === 'class') e.className = v;
    else if (k === 'text') e.textContent = v;
    else if (k.startsWith('on')) e.addEventListener(k.slice(2), v);
    else if (v !== false && v != null) e.setAttribute(k, v === true ? '' : v);
  }
  e.append(...children.filter(c => c != null));
  return e;
}

// set writes a text only if it is another, so that screen readers and selections are left alone.
export function set(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

export function show(e, is) { e.hidden = !is; }

export function tint(e, n) {
  if (n == null || n < 0) e.style.removeProperty('--tint');
  else e.style.setProperty('--tint', `var(--c${n % 10})`);
}

// keyed keeps one child for each item, in their order, and moves no more than it must.
export function keyed(parent, items, key, make) {
  const old = new Map([...parent.children].map(c => [c.dataset.key, c]));
  let at = parent.firstElementChild;
  for (const item of items) {
    const k = key(item);
    let c = old.get(k);
    old.delete(k);
    if (!c) { c = make(item); c.dataset.key = k; }
    if (c === at) at = at.nextElementSibling;
    else parent.insertBefore(c, at);
    c.update(item);
  }
  for (const c of old.values()) c.remove();
}

export function count(n, one, many = one + 's') { return n === 1 ? `1 ${one}` : `${n.toLocaleString()} ${many}`; }

export function clock(ms) {
  const d = new Date(ms), now = new Date();
  const t = d.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  if (d.toDateString() === now.toDateString()) return t;
  return d.toLocaleDateString([], { weekday: 'short', day: 'numeric', month: 'short' }) + ', ' + t;
}

export function lasts(ms) {
  const m = Math.round(ms / 60000);
  if (m < 1) return 'less than a minute';
  if (m < 60) return `${m} min`;
  const h = Math.floor(m / 60);
  if (h < 24) return m % 60 ? `${h} h ${m % 60} min` : `${h} h`;
  const days = Math.floor(h / 24);
  return h % 24 ? `${days} d ${h % 24} h` : `${days} d`;
}

export function bytes(n) {
  for (const u of ['B', 'kB', 'MB', 'GB', 'TB']) {
    if (n < 1000 || u === 'TB') return (n < 10 && u !== 'B' ? n.toFixed(1) : Math.round(n)) + ' ' + u;
    n /= 1000;
  }
}

export function percent(done, of) { return of > 0 ? Math.floor(100 * Math.min(done, of) / of) : 0; }

const states = { queued: 'waits', encoding: 'in work', stitching: 'being joined', done: 'done', failed: 'failed', cancelled: 'cancelled' };
export const stateWord = s => states[s] || s;
