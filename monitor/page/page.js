import { $, el, set, show, keyed, count, clock, lasts, bytes, percent, stateWord } from './dom.js';
import { listen, act, again, ask, hasToken, setToken } from './link.js';
import { draw } from './plot.js';
import { jobRow, workerRow, picture } from './rows.js';

let farm = {};
let me = { may: false };
let filter = 'all';
let shownJob = null;
let lostAt = 0;

const jobs = () => (farm.order || []).map(id => farm['job:' + id]).filter(Boolean);
const titles = { working: 'Working', waiting: 'Waiting', paused: 'Paused', stuck: 'Nothing moves', idle: 'Idle', away: 'The farm is away' };
const kinds = {
  all: ['All', () => true],
  work: ['In work', d => d.state === 'encoding' || d.state === 'stitching'],
  wait: ['Waiting', d => d.state === 'queued'],
  failed: ['Failed', d => d.state === 'failed'],
  done: ['Done', d => d.state === 'done' || d.state === 'cancelled'],
};

function toast(text, bad) {
  const t = el('div', { class: 'toast' + (bad ? ' bad' : ''), text });
  $('toasts').append(t);
  for (const old of [...$('toasts').children].slice(0, -3)) old.remove(); // on a phone they would cover all
  setTimeout(() => t.remove(), bad ? 15000 : 8000);
}

async function doIt(action, button) {
  if (button) button.disabled = true;
  const r = await act(action);
  if (button) button.disabled = false;
  const text = [r.said, r.error, r.next && 'Next: ' + r.next].filter(Boolean).join('\n').trim();
  toast(text || 'done', !r.ok);
}

function head(h) {
  document.body.dataset.state = h.state;
  set($('farm'), h.farm);
  $('farm').title = h.farm;
  const failedOnly = h.state === 'stuck' && h.failed && !h.queued && !h.in_work;
  set($('state'), failedOnly ? count(h.failed, 'clip') + ' failed' : titles[h.state] || h.state);
  set($('words'), h.words);
  set($('next'), h.next ? 'Next: ' + h.next : '');
  show($('next'), !!h.next);
  show($('when'), h.eta > 0);
  if (h.eta) {
    set($('eta'), clock(h.eta));
    set($('left'), 'in ' + lasts(h.eta - Date.now()));
  }
  show($('total'), h.clips > 0);
  $('bar').value = h.frames ? h.done / h.frames : 0;
  const left = [`${percent(h.done, h.frames)} %`, `${h.made.toLocaleString()} of ${count(h.clips, 'clip')}`];
  if (h.unread) left.push(`${h.unread.toLocaleString()} still to be read`);
  set($('sum'), left.join(' · '));
  set($('rate'), h.fps > 0 ? `now ${Math.round(h.fps).toLocaleString()} frames a second` : '');
  document.title = { working: `${percent(h.done, h.frames)} % · Proxima`, idle: 'Proxima' }[h.state] || `${titles[h.state] || ''} · Proxima`;
  show($('pause'), me.may);
  set($('pause'), h.paused ? 'Resume the room' : 'Pause the room');
}

function wrong() {
  const list = jobs().filter(d => d.state === 'failed');
  const n = Math.max(list.length, farm.head.failed);
  show($('wrong'), list.length > 0);
  set($('wrongtitle'), n === 1 ? '1 clip failed' : `${n} clips failed`);
  show($('retryall'), me.may && n > 1);
  keyed($('failures'), list.slice(0, 30), d => d.id, () => {
    const name = el('span', { class: 'name' });
    const why = el('p'), next = el('p', { class: 'quiet' });
    const log = el('button', { type: 'button', text: 'Log', onclick: () => details(li.job.id, true) });
    const retry = el('button', { type: 'button', text: 'Retry', onclick: e => doIt({ do: 'retry', job: li.job.id }, e.currentTarget) });
    const li = el('li', {}, el('div', {}, name, why, next), el('div', { class: 'buttons' }, log, retry));
    li.update = d => {
      li.job = d;
      set(name, d.name);
      const more = (d.failures || []).length - 1;
      set(why, (d.error || 'it was given up') + (more > 0 ? ` (and ${more} more)` : ''));
      set(next, d.next ? 'Next: ' + d.next : '');
      show(next, !!d.next);
      show(retry, me.may && !!d.cells);
      retry.setAttribute('aria-label', 'Retry ' + d.name);
      log.setAttribute('aria-label', 'Log of ' + d.name);
    };
    return li;
  });
}

function list() {
  const all = jobs();
  keyed($('filters'), Object.keys(kinds), k => k, k => {
    const b = el('button', { type: 'button', onclick: () => { filter = k; render(); } });
    b.update = () => {
      const h = farm.head;
      const n = { work: h.in_work, wait: h.queued, failed: h.failed, done: h.finished }[k];
      set(b, kinds[k][0] + (n ? ' ' + n.toLocaleString() : ''));
      b.setAttribute('aria-pressed', String(filter === k));
    };
    return b;
  });
  const wanted = all.filter(kinds[filter][1]);
  keyed($('jobs'), wanted, d => d.id, d => jobRow(d, id => details(id)));
  const notes = [];
  if (!wanted.length) notes.push(all.length ? 'None of that kind.' : 'No clips yet. proxima queue asks for proxies.');
  if (farm.head.more && (filter === 'all' || filter === 'wait')) notes.push(`${count(farm.head.more, 'clip')} more wait and are not listed.`);
  set($('more'), notes.join(' '));
  show($('more'), notes.length > 0);
}

function machines() {
  const ws = farm.workers || [];
  set($('machinecount'), ws.length ? '' : 'none is here');
  keyed($('workers'), ws, w => w.id, w => workerRow(w, () => me.may, a => doIt(a)));
  const asked = farm.asked || [];
  show($('askedbox'), asked.length > 0);
  keyed($('asked'), asked.map((t, i) => ({ t, k: i + t })), a => a.k, () => { const li = el('li'); li.update = a => set(li, a.t); return li; });
}

let pending = false;
let plotted = '';
function render() {
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => {
    pending = false;
    if (!farm.head) return;
    head(farm.head);
    if (!farm.order) return;
    wrong();
    list();
    machines();
    const p = JSON.stringify(farm.plot);
    if (p !== plotted) { plotted = p; draw($('plot'), farm.plot); }
    if (shownJob && $('dialog').open) {
      const d = farm['job:' + shownJob];
      if (d) refresh(d); else $('dialog').close();
    }
  });
}

function steer() {
  const box = $('me');
  if (me.may) { box.replaceChildren(`You may steer this room. Proxima ${me.version || ''}`); return; }
  box.replaceChildren('You may look. ', el('button', { type: 'button', text: 'Enter the token to steer', onclick: () => tokenDialog() }));
}

function open(title, ...body) {
  set($('dialogtitle'), title);
  $('dialogbody').replaceChildren(...body);
  if (!$('dialog').open) $('dialog').showModal();
}

function tokenDialog() {
  return new Promise(done => {
    const input = el('input', { type: 'password', class: 'why', autocomplete: 'off', 'aria-label': 'Token' });
    const form = el('form', {}, el('p', { text: 'proxima monitor printed it at its start, as a part of the address to steer.' }),
      el('div', { class: 'buttons' }, input, el('button', { type: 'submit', text: 'Use it' })));
    form.addEventListener('submit', e => {
      e.preventDefault();
      setToken(input.value.trim());
      $('dialog').close();
      again();
    });
    shownJob = null;
    open('Token', form);
    $('dialog').addEventListener('close', () => done(), { once: true });
    input.focus();
  });
}

// clipFacts and clipButtons are the part of a clip's dialog that changes while it is open.
function clipFacts(d) {
  const facts = [];
  const fact = (k, v) => { if (v) facts.push(el('dt', { text: k }), el('dd', { text: v })); };
  fact('State', stateWord(d.state) + (d.paused ? ', ' + d.paused : ''));
  fact('Preset', d.preset);
  fact('Frames', d.frames.toLocaleString());
  fact('Pieces', `${d.units_done} of ${d.units} done`);
  fact('From', d.source);
  fact('To', d.output);
  fact('Size', d.size ? bytes(d.size) : '');
  fact('Queued', d.queued ? clock(d.queued) + (d.by ? ' by ' + d.by : '') : '');
  fact('Ended', d.ended ? clock(d.ended) : '');
  fact('Job', d.id);
  return facts;
}

function clipButtons(d) {
  const buttons = [];
  const button = (text, action) => buttons.push(el('button', { type: 'button', text, onclick: e => doIt({ job: d.id, ...action() }, e.currentTarget) }));
  const over = d.state === 'done' || d.state === 'cancelled';
  if (!me.may) return buttons;
  if (d.state === 'failed' && d.cells || d.state === 'cancelled') button('Retry', () => ({ do: 'retry' }));
  if (over) return buttons;
  if (d.state !== 'failed') button(d.held ? 'Resume' : 'Pause', () => ({ do: d.held ? 'resume' : 'pause' }));
  const n = el('input', { type: 'number', min: 0, max: 99, value: d.priority, 'aria-label': 'Priority, 0 to 99, higher goes first' });
  buttons.push(el('label', { text: 'Priority ' }, n));
  button('Set', () => ({ do: 'priority', n: Math.max(0, Math.min(99, Number(n.value) || 0)) }));
  buttons.push(el('button', { type: 'button', class: 'bad', text: 'Cancel the clip…', onclick: e => sure(e.currentTarget, d.id) }));
  return buttons;
}

let refresh = () => {};
async function details(id, withLog) {
  const d = farm['job:' + id];
  if (!d) return;
  shownJob = id;
  const facts = el('dl');
  const buttons = el('div', { class: 'buttons' });
  let shown = '';
  refresh = d => {
    const now = JSON.stringify([d.state, d.held, d.paused, d.priority, d.units_done, d.size, d.ended]);
    const at = document.activeElement;
    if (now === shown || buttons.querySelector('.why') || buttons.contains(at) && at.tagName === 'INPUT') return; // somebody types
    shown = now;
    const focused = [...buttons.children].indexOf(at);
    facts.replaceChildren(...clipFacts(d));
    buttons.replaceChildren(...clipButtons(d));
    if (focused >= 0) buttons.children[Math.min(focused, buttons.children.length - 1)]?.focus();
  };
  refresh(d);
  const url = picture(id);
  const failures = el('ul', {}, ...(d.failures || []).map(f => el('li', {}, el('div', { text: f.error }), f.next ? el('div', { class: 'quiet', text: 'Next: ' + f.next }) : null)));
  const pre = el('pre', { tabindex: 0, 'aria-label': 'Log', hidden: true });
  const unit = (d.failures || [])[0]?.unit || '';
  const logs = el('button', { type: 'button', text: 'Show the log', onclick: () => readLog(pre, id, unit) });
  const error = !(d.failures || []).length && d.error ? el('p', { text: d.error + (d.next ? '\nNext: ' + d.next : '') }) : null;
  open(d.name, ...[url ? el('img', { class: 'big', src: url, alt: 'A picture of the proxy' }) : null, facts, error, failures, buttons, logs, pre].filter(Boolean));
  if (withLog) readLog(pre, id, unit);
}

function sure(button, id) {
  const why = el('input', { class: 'why', placeholder: 'why (others see it)', 'aria-label': 'Why', maxlength: 400 });
  const yes = el('button', { type: 'button', class: 'bad', text: 'Yes, stop this clip', onclick: async () => { await doIt({ do: 'cancel', job: id, why: why.value }, yes); $('dialog').close(); } });
  button.replaceWith(why, yes);
  why.focus();
}

async function readLog(pre, id, unit) {
  pre.hidden = false;
  set(pre, 'reading…');
  try {
    const r = await ask(`/api/log?job=${encodeURIComponent(id)}&unit=${encodeURIComponent(unit)}`);
    set(pre, r.ok ? await r.text() || 'nothing was logged yet' : (await r.json()).error);
  } catch {
    set(pre, 'the log cannot be read');
  }
}

$('dialogclose').addEventListener('click', () => $('dialog').close());
$('dialog').addEventListener('click', e => { if (e.target === $('dialog')) $('dialog').close(); });
$('pause').addEventListener('click', e => doIt({ do: farm.head?.paused ? 'resume' : 'pause' }, e.currentTarget));
$('retryall').addEventListener('click', e => doIt({ do: 'retry' }, e.currentTarget));
setInterval(() => { if (lostAt) set($('link'), `no word from the monitor for ${lasts(Date.now() - lostAt)}`); }, 5000);

listen((event, data) => {
  lostAt = 0;
  set($('link'), '');
  document.body.classList.remove('lost');
  if (event === 'you') { me = data; steer(); }
  if (event === 'all') farm = data;
  if (event === 'some') for (const [k, v] of Object.entries(data)) { if (v === null) delete farm[k]; else farm[k] = v; }
  render();
}, () => {
  lostAt = lostAt || Date.now();
  set($('link'), 'no word from the monitor');
  document.body.classList.add('lost');
}, async () => {
  set($('state'), 'This page needs the token');
  await tokenDialog();
  if (!hasToken()) set($('words'), 'Open the address that proxima monitor printed.');
});
