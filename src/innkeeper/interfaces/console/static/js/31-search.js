// The search box: a combobox over a listbox that the server renders.
const box = document.querySelector('#find-q'), list = document.querySelector('#find-list'), around = document.querySelector('#find');
let at = -1;

const options = () => [...list.querySelectorAll('[role=option]')];
const isFresh = () => list.querySelector('[data-query]')?.dataset.query === box.value.trim();

function show(on) {
  list.hidden = !on;
  box.setAttribute('aria-expanded', on);
  if (!on) move(-1);
}

function move(to) {
  const all = options();
  at = all.length ? to : -1;
  all.forEach((option, index) => option.setAttribute('aria-selected', index === at));
  all[at]?.scrollIntoView({ block: 'nearest' });
  if (at < 0) box.removeAttribute('aria-activedescendant');
  else box.setAttribute('aria-activedescendant', all[at].id);
}

function enter(event) {
  const option = options()[at] ?? options()[0];
  if (!option || !isFresh()) return;                                // The form is sent instead; the server knows the best hit too.
  event.preventDefault();
  option.click();
}

const keys = {
  ArrowDown: (event) => { event.preventDefault(); show(true); move((at + 1) % options().length); },
  ArrowUp: (event) => { event.preventDefault(); show(true); move(at <= 0 ? options().length - 1 : at - 1); },
  Enter: enter,
  Escape: (event) => {
    if (list.hidden) return box.blur();
    event.preventDefault();
    event.stopPropagation();
    show(false);
  },
};

if (box) {
  box.addEventListener('focus', () => show(true));
  box.addEventListener('input', () => show(true));
  box.addEventListener('keydown', (event) => !event.isComposing && keys[event.key]?.(event));
  box.addEventListener('blur', () => setTimeout(() => around.contains(document.activeElement) || show(false), 100));
  document.addEventListener('pointerdown', (event) => event.target.closest('#find') || show(false));
  document.addEventListener('swapped', ({ detail: { target } }) => {
    if (target !== list) return;
    move(box.value ? 0 : -1);
    if (document.activeElement === box) document.dispatchEvent(new CustomEvent('say', { detail: { text: list.querySelector('[data-count]')?.dataset.count ?? '' } }));
  });
}
