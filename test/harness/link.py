"""A link between this network namespace and another one, in user space, so that it can be slow, lose packets or be cut on any kernel.

link.py DEVICE NAMESPACE DEVICE-THERE    Makes a TUN device on each side, and passes packets on. Prints `ready`. Commands, a line each on stdin:
    delay MS | loss FRACTION | cut | mend
Ends when stdin closes; the devices end with it.
"""
import ctypes, fcntl, heapq, os, random, select, struct, sys, time

TUNSETIFF, IFF_TUN, IFF_NO_PI, CLONE_NEWNET = 0x400454CA, 0x0001, 0x1000, 0x40000000


def tun(name):
    device = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack('16sH', name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def enter(namespace):
    with open(f'/run/netns/{namespace}') as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), 'setns')


def main(name, namespace, name_there):
    here = tun(name)
    enter(namespace)
    there = tun(name_there)
    other = {here: there, there: here}
    print('ready', flush=True)
    delay, loss, is_cut, waiting, count, buffer = 0.0, 0.0, False, [], 0, b''
    dice = random.Random(7)
    while True:
        timeout = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        readable, _, _ = select.select([here, there, 0], [], [], timeout)
        for device in (one for one in readable if one != 0):
            packet = os.read(device, 65536)
            if not is_cut and dice.random() >= loss:
                count += 1
                heapq.heappush(waiting, (time.monotonic() + delay, count, other[device], packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, device, packet = heapq.heappop(waiting)
            if not is_cut:
                try:
                    os.write(device, packet)
                except OSError:
                    pass  # The device is down: the packet is lost.
        if 0 in readable:
            said = os.read(0, 4096)
            if not said:
                return
            *lines, buffer = (buffer + said).split(b'\n')
            for line in lines:
                word, *rest = line.decode().split()
                if word == 'delay':
                    delay = float(rest[0]) / 1000
                elif word == 'loss':
                    loss = float(rest[0])
                else:
                    is_cut = word == 'cut'
                print('done', flush=True)


main(*sys.argv[1:])
