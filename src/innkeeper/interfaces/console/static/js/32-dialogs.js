// Native dialogs for the drawer, confirmations and the list of keys: the browser keeps focus inside and gives it back.
const drawer = document.querySelector('#drawer'), asking = document.querySelector('#confirm');
const parameter = () => drawer?.dataset.parameter;
let pressed = '';
const parameterNow = () => new URL(location).searchParams.get(parameter());

function open(dialog, heading) {
  if (!dialog.open) dialog.showModal();
  dialog.querySelector(heading)?.focus();
}

// The link that led here, if it is still there; where the focus is, if inside; else the heading.
function focusIn(dialog) {
  const link = pressed && dialog.querySelector(`#${pressed}:not([hidden])`), now = document.activeElement;
  pressed = '';
  if (link) return `#${link.id}`;
  return dialog.open && dialog.contains(now) && now.id ? `#${now.id}` : '#d-name';
}

function address(id) {
  const url = new URL(location);
  if (id) url.searchParams.set(parameter(), id);
  else url.searchParams.delete(parameter());
  history.replaceState(history.state, '', url);
}

// Previous and next lead along the rows of the list below.
function neighbours(id) {
  const rows = [...document.querySelectorAll('tbody tr[data-id]')], at = rows.findIndex((row) => row.dataset.id === id);
  for (const link of drawer.querySelectorAll('[data-neighbour]')) {
    const row = at < 0 ? null : rows[at + +link.dataset.neighbour];
    link.hidden = !row;
    if (row) link.href = row.querySelector('.open').href;
  }
}

drawer?.addEventListener('close', () => address(null));
if (drawer?.querySelector('#drawer-body').children.length) {
  open(drawer, '#d-name');
  neighbours(parameterNow());
}

document.addEventListener('swapped', ({ detail: { target } }) => {
  if (target?.id === 'drawer-body') {
    neighbours(target.firstElementChild?.dataset.id);
    open(drawer, focusIn(drawer));
    address(target.firstElementChild?.dataset.id);
  }
  if (target?.id === 'confirm-body') open(asking, '#c-title');
});

document.addEventListener('click', (event) => {
  pressed = event.target.closest('[data-neighbour]')?.id ?? '';
  const close = event.target.closest('[data-close]'), opener = event.target.closest('[data-open]');
  if (close?.closest('dialog')) {
    event.preventDefault();
    close.closest('dialog').close();
  }
  if (opener) document.getElementById(opener.dataset.open).showModal();
  if (event.target.tagName === 'DIALOG') event.target.close();      // A click on the backdrop.
});
