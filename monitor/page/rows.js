// One list item for each clip and each machine.
import { el, set, show, tint, count, clock, lasts, percent, stateWord } from './dom.js';
import { thumb } from './link.js';

const pictures = new Map(); // job -> address of its picture
const seen = new IntersectionObserver(list => {
  for (const e of list) {
    if (!e.isIntersecting) continue;
    seen.unobserve(e.target);
    const job = e.target.dataset.job;
    thumb(job, url => { pictures.set(job, url); e.target.replaceChildren(el('img', { src: url, alt: '' })); });
  }
}, { rootMargin: '200px' });

export function picture(job) { return pictures.get(job); }

const letters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

export function strip(box, d) {
  const k = d.cells + d.whose;
  if (box.dataset.k === k) return;
  box.dataset.k = k;
  box.classList.toggle('many', d.cells.length > 60);
  box.replaceChildren(...[...d.cells].map((c, i) => {
    const e = el('span', { class: 'cell ' + c });
    tint(e, letters.indexOf(d.whose[i]));
    return e;
  }));
  const n = c => [...d.cells].filter(x => x === c).length;
  box.setAttribute('aria-label', `${d.units_done} of ${count(d.units, 'piece')} done, ${n('w')} in work, ${n('f')} failed`);
}

export function jobRow(d, open) {
  const pic = el('div', { class: 'pic', 'aria-hidden': 'true' });
  const name = el('button', { type: 'button', class: 'link name', onclick: () => open(li.job.id) });
  const state = el('span', { class: 'state' });
  const note = el('span', { class: 'note' });
  const trouble = el('span', { class: 'note warn' });
  const pct = el('div', { class: 'pct' });
  const cells = el('div', { class: 'strip', role: 'img' });
  const li = el('li', {}, pic, el('div', { class: 'line' }, name, state, note, trouble), pct, cells);
  li.update = d => {
    const before = li.job;
    li.job = d;
    set(name, d.name);
    name.title = d.source || d.name;
    set(state, d.held ? 'paused' : stateWord(d.state));
    state.className = 'state ' + (d.held ? 'paused' : d.state);
    const rest = [d.preset];
    if (d.state === 'done' && d.ended) rest.push(clock(d.ended));
    if (d.priority !== 50) rest.push(`priority ${d.priority}`);
    set(note, rest.filter(Boolean).join(' · '));
    const why = d.state === 'failed' ? '' : d.paused ? d.paused : d.waits ? 'waits for ' + d.waits : d.state === 'cancelled' ? d.error || '' : '';
    set(trouble, why);
    show(trouble, why !== '');
    const over = d.state === 'done' || d.state === 'cancelled';
    show(cells, !over);
    li.classList.toggle('over', over);
    if (!over) strip(cells, d);
    if (d.state === 'done') pct.replaceChildren(el('span', { text: count(d.frames, 'frame') }));
    else if (d.state === 'cancelled') pct.replaceChildren();
    else pct.replaceChildren(el('b', { text: percent(d.done, d.frames) + ' %' }), ` ${d.units_done}/${d.units}`);
    if (!before || before.state !== d.state) {
      pic.replaceChildren();
      const url = pictures.get(d.id);
      if (url) { pic.replaceChildren(el('img', { src: url, alt: '' })); return; }
      if (d.state === 'done') { pic.dataset.job = d.id; seen.observe(pic); }
      pic.textContent = d.state === 'done' ? '✓' : d.state === 'failed' ? '!' : d.state === 'cancelled' ? '✕' : '';
    }
    if (!over && d.state !== 'failed') set(pic, percent(d.done, d.frames) ? percent(d.done, d.frames) + ' %' : '');
  };
  return li;
}

export function workerRow(w, may, act) {
  const dot = el('span', { class: 'dot', 'aria-hidden': 'true' });
  const name = el('span', { class: 'name' });
  const state = el('span', { class: 'state' });
  const right = el('span', { class: 'quiet small push' });
  const hold = el('button', { type: 'button', class: 'quietly', onclick: () => act({ do: li.held ? 'resume' : 'pause', worker: li.worker.name }) });
  const words = el('p', { class: 'info' });
  const does = el('div');
  const li = el('li', {}, el('div', { class: 'worker' }, dot, name, state, right, hold), words, does);
  li.update = w => {
    li.worker = w;
    tint(li, w.colour);
    set(name, w.name);
    name.title = `${w.id}\n${w.host} · ${w.system}\nProxima ${w.version}\n${w.encoder}`;
    set(state, w.state === 'silent' ? `silent for ${lasts(w.silent * 1000)}` : w.state);
    state.className = 'state ' + w.state;
    const busy = (w.does || []).length;
    const facts = [`${busy} of ${count(w.slots, 'slot')}`];
    if (w.fps > 0) facts.push(`${Math.round(w.fps)} fps`);
    if (w.load != null) facts.push(`load ${Math.round(w.load * 100)} %`);
    set(right, w.state === 'silent' ? '' : facts.join(' · '));
    set(words, w.words || '');
    show(words, !!w.words);
    li.held = w.state === 'paused' || w.held;
    show(hold, may());
    set(hold, li.held ? 'Resume' : 'Pause');
    hold.setAttribute('aria-label', `${hold.textContent} ${w.name}`);
    const list = (w.does || []).slice(0, 12);
    does.replaceChildren(...list.map(b => el('div', { class: 'does' },
      el('span', { text: `${b.clip} ${b.unit}`, title: b.job }),
      el('progress', { max: Math.max(b.of, 1), value: Math.min(b.frames, Math.max(b.of, 1)), 'aria-label': `${b.clip} ${b.unit}` }),
      el('span', { class: 'p', text: b.of > 0 ? percent(b.frames, b.of) + ' %' : '' }))));
  };
  return li;
}
