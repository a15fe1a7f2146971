// Native dialogs for the drawer, confirmations and the list of keys: the browser keeps focus inside and gives it back.
const drawer = document.querySelector('#drawer'), asking = document.querySelector('#confirm');
const parameter = () => drawer?.dataset.parameter;

function open(dialog, heading) {
  if (!dialog.open) dialog.showModal();
  dialog.querySelector(heading)?.focus();
}

function address(id) {
  const url = new URL(location);
  if (id) url.searchParams.set(parameter(), id);
  else url.searchParams.delete(parameter());
  history.replaceState(history.state, '', url);
}

drawer?.addEventListener('close', () => address(null));
if (drawer?.querySelector('#drawer-body').children.length) open(drawer, '#d-name');

document.addEventListener('swapped', ({ detail: { target } }) => {
  if (target?.id === 'drawer-body') {
    const isSwitch = drawer.open && drawer.contains(document.activeElement) && document.activeElement.id;
    open(drawer, isSwitch ? `#${document.activeElement.id}` : '#d-name');
    address(target.firstElementChild?.dataset.id);
  }
  if (target?.id === 'confirm-body') open(asking, '#c-title');
});

document.addEventListener('click', (event) => {
  const close = event.target.closest('[data-close]'), opener = event.target.closest('[data-open]');
  if (close?.closest('dialog')) {
    event.preventDefault();
    close.closest('dialog').close();
  }
  if (opener) document.getElementById(opener.dataset.open).showModal();
  if (event.target.tagName === 'DIALOG') event.target.close();      // A click on the backdrop.
});
