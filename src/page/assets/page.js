(() => {
  'use strict';
  const $ = id => document.getElementById(id);
  const linesOf = id => $(id).textContent.split('\n').filter(line => line !== '');
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const rows = linesOf('rows').map(line => JSON.parse(line));
  const details = linesOf('details');
  const tables = JSON.parse($('tables').textContent);
  const numbers = new Map(rows.map((row, index) => [row.anchor, index]));

  const severities = new Map(Object.entries(tables.severities));
  // What a row is coloured by.
  const kindOf = packet => {
    const ipsec = packet.ipsec || [];
    if (ipsec.some(one => one.icv === 'bad') || packet.findings.some(code => severities.get(code) === 'error')) return 'bad';
    if (packet.findings.some(code => severities.get(code) === 'warning')) return 'warn';
    if (packet.ike) return 'ike';
    if (ipsec.length === 0) return 'plain';
    return ipsec.some(one => one.decrypted || one.icv === 'ok') ? 'good' : 'sealed';
  };

  // ---- Filter -----------------------------------------------------------------------------------------------------

  // Every value of a packet with the path to it; lists are gone through.
  const eachValue = (value, path, use) => {
    if (Array.isArray(value)) {
      for (const one of value) eachValue(one, path, use);
    } else if (value !== null && typeof value === 'object') {
      for (const [name, one] of Object.entries(value)) eachValue(one, path === '' ? name : path + '.' + name, use);
    } else {
      use(path, value);
    }
  };
  let knownFields = null;
  const fields = () => {
    if (knownFields !== null) return knownFields;
    knownFields = new Set();
    const add = path => {
      const names = path.split('.');
      for (let from = 0; from < names.length; ++from)
        for (let to = from + 1; to <= names.length; ++to) knownFields.add(names.slice(from, to).join('.'));
    };
    for (const row of rows) eachValue(row.packet, '', add);
    return knownFields;
  };
  // The whole path, its end, or what is around it.
  const isOf = (path, name) =>
    path === name || path.endsWith('.' + name) || path.startsWith(name + '.') || path.includes('.' + name + '.');
  const valuesOf = (packet, name) => {
    const found = [];
    eachValue(packet, '', (path, value) => { if (isOf(path, name)) found.push(value); });
    return found;
  };
  const numberOf = value => {
    const text = String(value).replace(/^#/, '');
    return /^(0x[0-9a-f]+|-?\d+(\.\d+)?)$/i.test(text) ? Number(text) : NaN;
  };
  const isEqual = (value, wanted) => {
    const one = numberOf(value), other = numberOf(wanted);
    if (!Number.isNaN(one) && !Number.isNaN(other)) return one === other;
    return String(value).toLowerCase() === wanted.toLowerCase();
  };
  const comparisons = {
    '==': (values, wanted) => values.some(value => isEqual(value, wanted)),
    '!=': (values, wanted) => values.length !== 0 && !values.some(value => isEqual(value, wanted)),
    '~': (values, wanted) => values.some(value => String(value).toLowerCase().includes(wanted.toLowerCase())),
    '<': (values, wanted) => values.some(value => numberOf(value) < numberOf(wanted)),
    '<=': (values, wanted) => values.some(value => numberOf(value) <= numberOf(wanted)),
    '>': (values, wanted) => values.some(value => numberOf(value) > numberOf(wanted)),
    '>=': (values, wanted) => values.some(value => numberOf(value) >= numberOf(wanted)),
  };
  const synonyms = {'=': '==', eq: '==', ne: '!=', contains: '~', and: '&&', or: '||', not: '!'};

  // Words and signs of a filter, each with whether it was in quotes.
  const tokensOf = text => {
    const tokens = [];
    const pattern = /\s*(?:"([^"]*)"|(&&|\|\||==|!=|<=|>=|[()<>=~!])|([^\s()<>=~!&|"]+))/gy;
    while (pattern.lastIndex < text.trimEnd().length) {
      const at = pattern.lastIndex;
      const match = pattern.exec(text);
      if (match === null) throw new Error(`“${text.slice(at).trim().slice(0, 20)}” cannot stand there`);
      const word = match[2] ?? match[3];
      tokens.push(match[1] !== undefined ? {word: match[1], quoted: true}
        : {word: Object.hasOwn(synonyms, word) ? synonyms[word] : word, quoted: false});
    }
    return tokens;
  };

  // A function that says whether a row matches; throws an Error in words where the filter is none.
  const compile = text => {
    const tokens = tokensOf(text);
    let at = 0;
    let depth = 0;
    const isNext = word => at < tokens.length && !tokens[at].quoted && tokens[at].word === word;
    const take = word => isNext(word) && ++at > 0;
    const term = () => {
      if (take('!')) {
        const inner = term();
        return row => !inner(row);
      }
      if (take('(')) {
        if (++depth > 100) throw new Error('too many parentheses');
        const inner = either();
        if (!take(')')) throw new Error('a “)” is missing');
        --depth;
        return inner;
      }
      if (at === tokens.length) throw new Error('something is missing at the end');
      const token = tokens[at++];
      if (!token.quoted && !/[^()<>=~!&|]/.test(token.word)) throw new Error(`“${token.word}” cannot stand there`);
      const compare = at < tokens.length && !tokens[at].quoted && Object.hasOwn(comparisons, tokens[at].word)
        ? comparisons[tokens[at].word] : null;
      const name = token.word;
      if (compare !== null && !token.quoted) {
        ++at;
        if (at === tokens.length) throw new Error(`“${name}” is compared with nothing`);
        const wanted = tokens[at++].word;
        if (!fields().has(name)) throw new Error(`no packet here has a field “${name}”`);
        return row => compare(valuesOf(row.packet, name), wanted);
      }
      if (!token.quoted && fields().has(name)) return row => valuesOf(row.packet, name).length !== 0;
      const wanted = name.toLowerCase();
      return row => row.words.some(part => part.toLowerCase().includes(wanted));
    };
    const both = () => {
      const all = [term()];
      while (at < tokens.length && !isNext(')') && !isNext('||')) {
        take('&&');
        all.push(term());
      }
      return row => all.every(one => one(row));
    };
    const either = () => {
      const any = [both()];
      while (take('||')) any.push(both());
      return row => any.some(one => one(row));
    };
    if (tokens.length === 0) return () => true;
    const all = either();
    if (at < tokens.length) throw new Error(`“${tokens[at].word}” cannot stand there`);
    return all;
  };

  // ---- List -------------------------------------------------------------------------------------------------------

  const list = $('list'), shown = $('rows-shown'), filter = $('filter'), state = $('filter-state');
  const rowHeight = 22, margin = 12;
  let visible = rows.map((_, index) => index);  // what the filter lets through
  let chosen = -1;                              // of rows
  const widest = (column, least, most) =>
    Math.min(most, rows.reduce((width, row) => Math.max(width, row.words[column].length), least));
  const widths = [6, 11, widest(0, 10, 44), widest(1, 4, 24), 6];

  const cell = (text, width, right) => {
    const span = make('span', {textContent: right ? text.padStart(width) : text});
    span.style.width = width + 'ch';
    return span;
  };
  const rowElement = position => {
    const index = visible[position], row = rows[index], packet = row.packet;
    const element = make('div', {className: 'row ' + kindOf(packet), id: 'row-' + index},
      cell(String(packet.frame), widths[0], true), cell(row.since, widths[1], true), cell(row.words[0], widths[2]),
      cell(row.words[1], widths[3]), cell(String(packet.length), widths[4], true),
      make('span', {textContent: row.words[2]}));
    element.style.top = position * rowHeight + 'px';
    element.setAttribute('role', 'option');
    element.setAttribute('aria-selected', String(index === chosen));
    element.setAttribute('aria-posinset', String(position + 1));
    element.setAttribute('aria-setsize', String(visible.length));
    element.addEventListener('click', () => choose(index));
    return element;
  };
  const drawRows = () => {
    shown.style.height = visible.length * rowHeight + 'px';
    const first = Math.max(0, Math.floor(list.scrollTop / rowHeight) - margin);
    const last = Math.min(visible.length, Math.ceil((list.scrollTop + list.clientHeight) / rowHeight) + margin);
    const elements = [];
    for (let position = first; position < last; ++position) elements.push(rowElement(position));
    shown.replaceChildren(...elements);
    if (chosen >= 0 && $('row-' + chosen)) list.setAttribute('aria-activedescendant', 'row-' + chosen);
    else list.removeAttribute('aria-activedescendant');
  };
  let drawing = false;
  list.addEventListener('scroll', () => {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(() => { drawing = false; drawRows(); });
  });
  addEventListener('resize', drawRows);

  // Where a row stands in what is visible, or where it would.
  const positionOf = index => {
    let low = 0, high = visible.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (visible[middle] < index) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const bringIntoView = position => {
    const top = position * rowHeight;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + rowHeight > list.scrollTop + list.clientHeight) list.scrollTop = top + rowHeight - list.clientHeight;
  };
  const choose = index => {
    chosen = index;
    bringIntoView(positionOf(index));
    drawRows();
    showDetails(index);
  };
  list.addEventListener('keydown', event => {
    const page = Math.max(1, Math.floor(list.clientHeight / rowHeight) - 1);
    const steps = {ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity};
    if (!Object.hasOwn(steps, event.key) || visible.length === 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const from = chosen < 0 ? -1 : positionOf(chosen);
    choose(visible[Math.min(visible.length - 1, Math.max(0, from + steps[event.key]))]);
  });

  const say = (text, invalid) => {
    state.textContent = text;
    state.className = invalid ? 'invalid' : 'note';
  };
  const applyFilter = () => {
    filter.dataset.applied = filter.value;
    try {
      const matches = compile(filter.value);
      visible = [];
      rows.forEach((row, index) => { if (matches(row)) visible.push(index); });
      filter.removeAttribute('aria-invalid');
      say(filter.value.trim() === '' ? '' : `${visible.length} of ${rows.length}`, false);
    } catch (error) {
      filter.setAttribute('aria-invalid', 'true');
      say(error.message, true);
      return;
    }
    list.scrollTop = 0;
    if (chosen >= 0 && visible[positionOf(chosen)] === chosen) bringIntoView(positionOf(chosen));
    drawRows();
  };
  let waiting = 0;
  filter.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(applyFilter, 120);
  });
  document.addEventListener('keydown', event => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || /^(INPUT|TEXTAREA)$/.test(event.target.tagName)) return;
    event.preventDefault();
    filter.focus();
  });

  // ---- One packet -------------------------------------------------------------------------------------------------

  const tree = $('tree'), tabs = $('tabs'), hex = $('hex');
  const closed = new Set(['Frame', 'Ethernet', 'Payload']);  // layers that the reader wants to see the title of only
  let buffers = [], buffer = 0, places = [], marked = null;

  const bytesOf = base64 => Uint8Array.from(atob(base64), character => character.charCodeAt(0));

  const mark = place => {
    for (const element of tree.querySelectorAll('.chosen')) element.classList.remove('chosen');
    marked = place;
    if (place === null) return;
    place.element.classList.add('chosen');
    showBuffer(place.buffer);
  };
  const choosable = (element, place) => {
    place.element = element;
    places.push(place);
    element.tabIndex = 0;
    element.addEventListener('click', () => mark(place));
    element.addEventListener('keydown', event => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      if (element.tagName !== 'SUMMARY') event.preventDefault();
      mark(place);
    });
  };

  const noteOf = flags => (flags & 2 ? ' (quoted)' : '') + (flags & 4 ? ' (malformed)' : '');
  const layerElement = (name, flags, place) => {
    const summary = make('summary', {textContent: name + noteOf(flags)});
    const element = make('details', {open: !closed.has(name)}, summary);
    choosable(summary, place);
    element.addEventListener('toggle', () => { if (element.open) closed.delete(name); else closed.add(name); });
    return element;
  };
  const fieldElement = (name, value, depth, flags, place) => {
    const element = make('div', {className: 'field'}, make('span', {className: 'name', textContent: name}),
      ' ' + value + (flags & 1 ? '  [rebuilt]' : ''));
    element.style.setProperty('--depth', depth);
    if (place.size !== 0) {
      element.setAttribute('role', 'button');
      choosable(element, place);
    }
    return element;
  };

  const showTree = detail => {
    places = [];
    const elements = detail.findings.map(found => make('p', {className: 'found ' + found.severity},
      make('b', {textContent: found.code}), ' ' + found.message));
    let layer = null, base = 0, next = 0;
    tables.shapes[detail.shape].forEach(([kind, depth, name, inBuffer, offset, size, flags], line) => {
      const value = tables.strings[detail.values[line]], title = tables.strings[name];
      if (kind === 0 || kind === 3) {
        base = detail.places[next++];
        size = detail.places[next++];
      }
      const place = {buffer: inBuffer, offset: base + offset, size};
      if (kind === 3) {
        elements.push(make('p', {className: 'origin', textContent: value}));
      } else if (kind === 0) {
        layer = layerElement(title, flags, place);
        elements.push(layer);
      } else {
        layer.append(fieldElement(title, value, depth, flags, place));
      }
    });
    if (detail.more) elements.push(make('p', {className: 'note', textContent: `… and ${detail.more} more lines`}));
    tree.replaceChildren(...elements);
    tree.scrollTop = 0;
  };

  // The smallest field that a byte is of.
  const fieldAt = offset => places.reduce((best, place) =>
    place.buffer === buffer && place.offset <= offset && offset < place.offset + place.size &&
    (best === null || place.size <= best.size) ? place : best, null);

  const hexLine = (bytes, start, from) => {
    const isMarked = offset => marked !== null && marked.buffer === buffer && marked.offset <= offset && offset < marked.offset + marked.size;
    const line = make('div', {}, make('i', {textContent: (start + from).toString(16).padStart(4, '0') + '  '}));
    const ascii = [];
    for (let at = from; at < from + 16; ++at) {
      const there = at < bytes.length, offset = start + at;
      const name = there && isMarked(offset) ? 'b' : 'span';
      const text = there ? bytes[at].toString(16).padStart(2, '0') : '  ';
      const element = make(name, {textContent: text + (at % 8 === 7 ? '  ' : ' ')});
      if (there) element.dataset.offset = offset;
      line.append(element);
      if (!there) continue;
      const sign = make(name, {textContent: bytes[at] >= 0x20 && bytes[at] < 0x7f ? String.fromCharCode(bytes[at]) : '·'});
      sign.dataset.offset = offset;
      ascii.push(sign);
    }
    line.append(...ascii);
    return line;
  };
  const hexLines = (bytes, start) => {
    const lines = [];
    for (let from = 0; from < bytes.length; from += 16) lines.push(hexLine(bytes, start, from));
    return lines;
  };
  const showBuffer = index => {
    if (index >= buffers.length) return;
    buffer = index;
    const one = buffers[index];
    const head = bytesOf(one.bytes), tail = one.tail ? bytesOf(one.tail) : null;
    const elements = hexLines(head, 0);
    const start = one.size - (tail === null ? 0 : tail.length);
    if (start > head.length)
      elements.push(make('div', {className: 'note', textContent: `… ${start - head.length} bytes are not in this page`}));
    if (tail !== null) elements.push(...hexLines(tail, start));
    hex.replaceChildren(...elements);
    tabs.querySelectorAll('button').forEach((button, at) => {
      button.setAttribute('aria-selected', String(at === index));
      button.tabIndex = at === index ? 0 : -1;
    });
    hex.querySelector('b')?.scrollIntoView({block: 'nearest'});
  };
  hex.addEventListener('click', event => {
    if (event.target.dataset.offset === undefined) return;
    const place = fieldAt(Number(event.target.dataset.offset));
    if (place === null) return;
    mark(place);
    place.element.closest('details').open = true;
    place.element.scrollIntoView({block: 'nearest'});
  });
  tabs.addEventListener('keydown', event => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (step === undefined) return;
    const next = (buffer + step + buffers.length) % buffers.length;
    showBuffer(next);
    tabs.children[next].focus();
  });

  const showDetails = index => {
    const detail = JSON.parse(details[index]);
    buffers = detail.buffers;
    marked = null;
    tabs.replaceChildren(...buffers.map((one, at) => {
      const origin = tables.strings[one.origin];
      const button = make('button', {type: 'button', textContent: `${origin.split(/[,:]/)[0]} (${one.size} B)`, title: origin});
      button.setAttribute('role', 'tab');
      button.setAttribute('aria-controls', 'hex');
      button.addEventListener('click', () => showBuffer(at));
      return button;
    }));
    showTree(detail);
    showBuffer(0);
  };

  // ---- Links ------------------------------------------------------------------------------------------------------

  // The frame itself, or the one before that is here.
  const nearest = anchor => {
    if (numbers.has(anchor)) return numbers.get(anchor);
    const wanted = anchor.split('-').map(Number);
    const start = anchor.slice(0, anchor.lastIndexOf('-') + 1);
    let found = -1;
    rows.forEach((row, index) => {
      if (row.anchor.startsWith(start) && row.packet.frame <= wanted[wanted.length - 1]) found = index;
    });
    return found;
  };
  const goTo = anchor => {
    const index = nearest(anchor);
    if (index < 0) {
      say('That frame is not in this page.', true);
      return;
    }
    if (visible[positionOf(index)] !== index) {
      filter.value = '';
      applyFilter();
    }
    if (rows[index].anchor !== anchor)
      say('That frame is not in this page; this is the last one before it. --html-packets takes more.', true);
    $('packets').scrollIntoView({block: 'start'});
    list.focus({preventScroll: true});
    choose(index);
    list.scrollTop = Math.max(0, positionOf(index) * rowHeight - list.clientHeight / 2);
  };
  const anchorOf = hash => /^#frame-[0-9-]+$/.test(hash) ? hash.slice(1) : null;
  const follow = () => {
    const anchor = anchorOf(location.hash);
    if (anchor !== null) goTo(anchor);
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === 'DETAILS') target.open = true;
  };
  addEventListener('hashchange', follow);
  document.addEventListener('click', event => {
    const link = event.target.closest('a');
    const hash = link && link.getAttribute('href');
    if (hash && hash === location.hash) follow();  // it would not change
  });

  // "frame 7" and "frames 42-44, 48" in what findings say lead there, too.
  const usualFile = paragraph => {
    if (!rows.some(row => row.packet.file !== undefined)) return '';
    const listed = paragraph.closest('.finding').querySelector('.frames a');
    const parts = listed === null ? [] : listed.hash.split('-');
    return (parts.length === 3 ? parts[1] : '1') + '-';
  };
  const linkFrames = paragraph => {
    const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) if (!walker.currentNode.parentElement.closest('a')) texts.push(walker.currentNode);
    for (const node of texts) {
      const parts = node.data.split(/(\bframe (?:\d+:)?\d+|\bframes (?:\d+:)?\d+(?:(?:-|, | and | to )(?:\d+:)?\d+)*)/);
      if (parts.length === 1) continue;
      // Of several captures; not said where all frames are of one, and with the first frame of a range only.
      let file = usualFile(paragraph);
      const link = text => {
        file = text.includes(':') ? text.slice(0, text.indexOf(':')) + '-' : file;
        return make('a', {href: '#frame-' + file + text.slice(text.indexOf(':') + 1), textContent: text});
      };
      const pieces = parts.flatMap((part, at) => at % 2 === 0 ? [part]
        : part.split(/((?:\d+:)?\d+)/).map((piece, place) => place % 2 === 0 ? piece : link(piece)));
      node.replaceWith(...pieces);
    }
  };
  document.querySelectorAll('.finding > p:not(.frames)').forEach(linkFrames);

  // ---- Paper ------------------------------------------------------------------------------------------------------

  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('main details:not([open])')].filter(one => !one.closest('.browser'));
    for (const one of opened) one.open = true;
  });
  addEventListener('afterprint', () => { for (const one of opened) one.open = false; });

  drawRows();
  if (anchorOf(location.hash) !== null) follow();
  else if (rows.length !== 0) choose(0);
  document.documentElement.dataset.ready = 'yes';
})();
