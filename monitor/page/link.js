// How the page talks to the monitor: a stream of what changes, and requests. The token stays in this
// tab, and travels in a header that no other page can send.

const key = 'proxima-token';
const m = /(?:^#|&)token=([^&]+)/.exec(location.hash);
if (m) {
  sessionStorage.setItem(key, decodeURIComponent(m[1]));
  history.replaceState(null, '', location.pathname);
}

export const hasToken = () => !!sessionStorage.getItem(key);
export function setToken(t) { t ? sessionStorage.setItem(key, t) : sessionStorage.removeItem(key); }

export function ask(path, opts = {}) {
  const headers = { ...opts.headers };
  const token = sessionStorage.getItem(key);
  if (token) headers.Authorization = 'Bearer ' + token;
  return fetch(path, { ...opts, headers, credentials: 'omit', redirect: 'error' });
}

export async function act(action) {
  try {
    const r = await ask('/api/do', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(action) });
    return await r.json();
  } catch {
    return { ok: false, error: 'the monitor does not answer', next: 'see that proxima monitor still runs' };
  }
}

let stop = null;
export function again() { if (stop) stop.abort(); }

// listen calls on(event, data) for what comes, lost() while nothing does, and locked() where a token is needed.
export async function listen(on, lost, locked) {
  for (let wait = 1000; ; wait = Math.min(wait * 2, 15000)) {
    stop = new AbortController();
    let quiet;
    const alive = () => { clearTimeout(quiet); quiet = setTimeout(() => stop.abort(), 25000); };
    try {
      alive();
      const r = await ask('/api/events', { signal: stop.signal });
      if (r.status === 401) {
        clearTimeout(quiet);
        setToken('');
        await locked();
        wait = 500;
        continue;
      }
      if (!r.ok) throw new Error(r.status);
      const reader = r.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        alive();
        rest += value;
        for (let i; (i = rest.indexOf('\n\n')) >= 0; rest = rest.slice(i + 2)) {
          const e = /^event: (\w+)\ndata: (.*)$/s.exec(rest.slice(0, i));
          if (e) { wait = 1000; on(e[1], JSON.parse(e[2])); }
        }
      }
    } catch { /* told below */ }
    clearTimeout(quiet);
    lost();
    await new Promise(f => setTimeout(f, wait));
  }
}

// thumb brings pictures, two at a time, of those that are seen.
const queue = [];
let running = 0;
export function thumb(job, then) { queue.push([job, then]); next(); }
async function next() {
  if (running >= 2 || !queue.length) return;
  running++;
  const [job, then] = queue.shift();
  try {
    const r = await ask('/api/thumb?job=' + encodeURIComponent(job));
    if (r.ok) then(URL.createObjectURL(await r.blob()));
  } catch { /* there is none then */ }
  running--;
  next();
}
