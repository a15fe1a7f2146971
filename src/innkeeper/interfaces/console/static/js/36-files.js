// Files dropped on a folder's page, or chosen there, are sent one after the other, each with its own progress.
// Without this file the same form sends them all at once.
const form = document.querySelector('form.upload'), queue = [];
let isSending = false;

function line(file) {
  const item = form.querySelector('template').content.firstElementChild.cloneNode(true);
  item.querySelector('b').textContent = file.name;
  item.querySelector('progress').setAttribute('aria-label', file.name);
  form.querySelector('.uploads').append(item);
  return item;
}

function put({ file, item, mayReplace }) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open('PUT', form.dataset.receiver + encodeURIComponent(file.name));
    if (!mayReplace) request.setRequestHeader('If-None-Match', '*');
    request.upload.onprogress = ({ loaded, total }) => (item.querySelector('progress').value = total ? loaded / total : 1);
    request.onloadend = () => done(request);
    request.send(file);
  });
}

function settle(work, { status, responseText }) {
  const { item, file } = work, button = item.querySelector('button'), isDone = status === 200 || status === 201;
  const text = isDone ? form.dataset.done : (status && responseText) || form.dataset.failed;
  item.querySelector('span').textContent = text;
  item.querySelector('progress').hidden = true;
  item.classList.toggle('bad', !isDone);
  button.hidden = status !== 409;
  button.onclick = () => {
    button.hidden = true;
    add({ ...work, mayReplace: true });
  };
  document.dispatchEvent(new CustomEvent('say', { detail: { text: `${file.name}: ${text}` } }));
}

async function add(work) {
  queue.push(work);
  if (isSending) return;
  isSending = true;
  while (queue.length) {
    const next = queue.shift();
    next.item.querySelector('progress').hidden = false;
    settle(next, await put(next));
  }
  isSending = false;
  document.querySelector('#files-again')?.click();
}

const take = (files) => [...files].forEach((file) => add({ file, item: line(file), mayReplace: false }));

if (form) {
  form.querySelector('[data-plain]').hidden = true;
  form.addEventListener('change', ({ target }) => {
    if (target.type !== 'file') return;
    take(target.files);
    target.value = '';
  });
  for (const type of ['dragover', 'dragleave', 'drop'])
    addEventListener(type, (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      form.classList.toggle('over', type === 'dragover');
      if (type === 'drop') take(event.dataTransfer.files);
    });
  addEventListener('beforeunload', (event) => isSending && event.preventDefault());
}
