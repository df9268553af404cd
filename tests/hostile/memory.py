#!/usr/bin/env python3
"""Looks for key bytes in the memory of the program when it is about to end.

usage: memory.py PROGRAM CAPTURES

strace(1) keeps the last system call from taking effect and stops the process there; then all of its memory is read.
What must be found (the name of the key file) shows that looking works. Exit status 77: processes cannot be looked into
here, or there is no strace.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

STRACE = ('strace', '-f', '-qq', '-e', 'trace=exit_group', '-e', 'inject=exit_group:error=EPERM:signal=SIGSTOP')


def keys_in(path):
    """The keys of a dump, or of a log of charon, as bytes."""
    with open(path, encoding='utf-8', errors='replace') as file:
        text = file.read()
    found = {bytes.fromhex(key) for key in re.findall(r'\b0x((?:[0-9a-f]{2}){16,})\b', text)}
    for label, size in re.findall(r'(Sk_\w+ secret|encryption \w+ key|integrity \w+ key) => (\d+) bytes', text):
        body = text[text.index(f'{label} => {size} bytes'):].split('\n')[1:1 + (int(size) + 15) // 16]
        bytes_of = [re.search(r'\s\d+: ((?:[0-9A-F]{2} ){1,16})', line) for line in body]
        if all(bytes_of):
            found.add(bytes.fromhex(''.join(match.group(1) for match in bytes_of)))
    return sorted(key for key in found if len(key) >= 16 and len(set(key)) > 4)


def needles(keys):
    for key in keys:
        yield key[:16]
        yield key[-16:]
        yield key[:16].hex().encode()
        yield key[:16].hex().upper().encode()
        yield key[:16].hex(' ').upper().encode()  # as charon writes it


def children(pid):
    out = subprocess.run(['ps', '-o', 'pid=', '--ppid', str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in out.stdout.split()]


def stopped_child(tracer, trace):
    """The process that strace(1) has stopped; the keepers of its files are further down."""
    for _ in range(500):
        with open(trace, encoding='utf-8', errors='replace') as file:
            stopped = {int(line.split()[0]) for line in file if '--- SIGSTOP' in line}
        for pid in children(tracer.pid):
            if pid in stopped:
                return pid
        if tracer.poll() is not None:
            return None
        time.sleep(0.01)
    return None


def memory_of(pid):
    with open(f'/proc/{pid}/maps', encoding='utf-8') as maps, open(f'/proc/{pid}/mem', 'rb', 0) as memory:
        for line in maps:
            begin, end = (int(part, 16) for part in line.split()[0].split('-'))
            if 'r' not in line.split()[1] or '[vv' in line:
                continue
            try:
                memory.seek(begin)
                yield line.strip(), memory.read(end - begin)
            except (OSError, ValueError, OverflowError):
                continue


def look(program, arguments, keys, control, trace):
    """What is wrong; empty: nothing. None: processes cannot be looked into here."""
    with open(trace, 'w', encoding='utf-8'):
        pass
    with subprocess.Popen([*STRACE, '-o', trace, program, *arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as tracer:
        try:
            pid = stopped_child(tracer, trace)
            if pid is None:
                return None
            regions = list(memory_of(pid))
        except PermissionError:
            return None
        finally:
            for child in children(tracer.pid):
                os.kill(child, signal.SIGKILL)
            tracer.kill()
    if not any(control in data for _, data in regions):
        return None if not regions else 'not even what must be there is found'
    for where, data in regions:
        for needle in needles(keys):
            if needle in data:
                return f'part of a key in {where}'
    return ''


def main():
    program, captures = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    if not shutil.which('strace') or not shutil.which('ps'):
        print('no strace, or no ps')
        return 77
    failures = looked = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        for name, file in (('replay-and-icv', 'xfrm-state.txt'), ('manual-tunnel-cbc-sha256', 'xfrm-state.txt'),
                           ('ike-cookie', 'charon.log'), ('algos-enc-serpent128-sha1', 'xfrm-state.txt'),
                           ('algos-enc-blowfish128-md5', 'xfrm-state.txt')):
            capture, path = (os.path.join(captures, name, part) for part in ('wire.pcap', file))
            if not os.path.exists(path):
                continue
            keys = keys_in(path)
            if not keys:
                print(f'{path}: no keys to look for')
                failures += 1
                continue
            careless = look(sys.executable, ['-c', 'import os, sys; text = open(sys.argv[1]).read(); os._exit(0)', path],
                            keys, b'sys.argv', os.path.join(folder, 'trace'))
            if careless == '':
                print(f'a program that keeps the keys of {path} in memory is not found out')
                return 1
            main_job = [capture, '--keys', path]
            for arguments in (main_job, [*main_job, '--json'], [*main_job, '--crypto', 'openssl', '-q'],
                              [*main_job, '-j', '2', '-w', os.path.join(folder, 'inner.pcapng')],
                              [*main_job, '--html', os.path.join(folder, 'page.html')],
                              ['keys', path], ['keys', path, '--to', 'xfrm'], ['mtu', '--keys', path]):
                found = look(program, arguments, keys, os.path.basename(path).encode(),
                             os.path.join(folder, 'trace'))
                if found is None:
                    print(f'{name}: processes cannot be looked into here')
                    return 77
                looked += 1
                if found:
                    failures += 1
                    print(f'espdump {" ".join(arguments)}: {found}')
    print(f'{looked} processes looked into, {failures} with parts of keys')
    return 1 if failures or looked == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
