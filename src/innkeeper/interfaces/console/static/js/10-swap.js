// Links and forms that carry data-into swap a fragment of the page they already lead to.
// Without this file every one of them still works as a plain link or form.
const policy = self.trustedTypes?.createPolicy('swap', { createHTML: (text) => text }) ?? { createHTML: (text) => text };
const emit = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
const flying = new Map();
const place = () => location.pathname + location.search;
let here = place();

async function swap(url, into, { push, body, by } = {}) {
  const target = document.querySelector(into);
  if (!target) return location.assign(url);
  flying.get(into)?.abort();                                        // The newest request for a place wins.
  const stop = new AbortController();
  flying.set(into, stop);
  const slow = setTimeout(() => document.querySelector('#busy').classList.add('on'), 120);
  target.setAttribute('aria-busy', 'true');
  by?.setAttribute('aria-disabled', 'true');
  try {
    const answer = await fetch(url, { method: body ? 'POST' : 'GET', body, headers: { 'X-Fragment': into }, signal: stop.signal });
    const elsewhere = answer.headers.get('X-Location');
    if (elsewhere) return location.assign(elsewhere);
    if (answer.redirected || !answer.headers.get('Content-Type')?.startsWith('text/html')) return location.assign(answer.url);
    if (!answer.ok && answer.status !== 422) throw new Error(answer.status);   // 422: the same form again, with what is wrong.
    const text = await answer.text();
    if (push) remember(answer.headers.get('X-Url') ?? url, into);
    settle(target, into, text, answer);
  } catch (error) {
    if (error.name !== 'AbortError') emit('toast', { text: document.documentElement.dataset.failed });
  } finally {
    clearTimeout(slow);
    if (flying.get(into) === stop) flying.delete(into);
    document.querySelector('#busy').classList.remove('on');
    document.querySelector(into)?.removeAttribute('aria-busy');
    by?.removeAttribute('aria-disabled');
  }
}

function remember(url, into) {
  history.pushState({ into }, '', url);
  here = place();
}

function settle(target, into, text, answer) {
  const was = document.activeElement, { id, selectionStart: start, selectionEnd: end } = was ?? {};
  const html = policy.createHTML(text);
  if ('inner' in target.dataset) target.innerHTML = html;
  else target.outerHTML = html;
  const now = document.querySelector(into);
  focusAgain(id, start, end);
  if (answer.status === 422) now.querySelector('[aria-invalid=true]')?.focus();
  for (const part of now?.querySelectorAll('template[data-for]') ?? []) {
    document.getElementById(part.dataset.for)?.replaceChildren(part.content);
    part.remove();
  }
  emit('swapped', { target: now });
  watch(now);
  const toast = answer.headers.get('X-Toast');
  if (toast) emit('toast', { text: decodeURIComponent(toast) });
}

function focusAgain(id, start, end) {
  const same = id && document.getElementById(id);
  if (!same || same === document.activeElement) return;
  same.focus({ preventScroll: true });
  if (start != null) same.setSelectionRange?.(start, end);
}

const filled = (form) => {
  const pairs = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ''));
  return form.getAttribute('action') + (pairs.size ? '?' + pairs : '');
};
const packed = (form, by) => (form.enctype === 'multipart/form-data' ? new FormData(form, by) : new URLSearchParams(new FormData(form, by)));

function send(form, by) {
  const into = by?.dataset.into ?? form.dataset.into, push = 'push' in form.dataset;
  if (form.getAttribute('method') !== 'post') return swap(filled(form), into, { push, by });
  return swap(by?.getAttribute('formaction') ?? form.getAttribute('action'), into, { push, by, body: packed(form, by) });
}

addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;   // A new tab stays a new tab.
  const link = event.target.closest?.('a[data-into]');
  if (!link) return;
  event.preventDefault();
  swap(link.href, link.dataset.into, { push: 'push' in link.dataset });
});

addEventListener('submit', (event) => {
  if (event.defaultPrevented || !(event.submitter?.dataset.into || event.target.dataset.into)) return;
  event.preventDefault();
  if (!event.submitter?.ariaDisabled) send(event.target, event.submitter);
});

let timer;
const later = (wait, run) => { clearTimeout(timer); timer = setTimeout(run, wait); };

function live(event) {
  const { form, dataset: { suggest, into }, value } = event.target;
  if (suggest) later(event.type === 'focusin' ? 0 : 120, () => swap(`${suggest}?q=${encodeURIComponent(value)}`, into));
  else if (form?.dataset.live && event.type !== 'focusin') later(event.type === 'change' ? 0 : +form.dataset.live, () => form.isConnected && send(form));
}
for (const type of ['input', 'change', 'focusin']) addEventListener(type, live);

addEventListener('popstate', (event) => {
  if (place() === here) return;                                     // Only the hash moved.
  const into = event.state?.into ?? document.body.dataset.region;
  here = place();
  if (into && document.querySelector(into)) swap(location.href, into);
  else location.reload();
});

// data-poll="1000": asks again until the answer comes without it; rests while the tab is hidden.
function watch(root) {
  for (const element of root?.matches?.('[data-poll]') ? [root] : root?.querySelectorAll?.('[data-poll]') ?? []) {
    const again = () => {
      if (!element.isConnected) return;
      if (document.hidden) document.addEventListener('visibilitychange', again, { once: true });
      else swap(element.dataset.src, '#' + element.id);
    };
    setTimeout(again, +element.dataset.poll);
  }
}
watch(document);
