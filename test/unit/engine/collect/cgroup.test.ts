import { describe, expect, it } from 'vitest'
import {
  cgroupPath,
  containerOf,
  placementOf,
  shortContainerName,
  unitOf,
} from '../../../../electron/engine/collect/cgroup.ts'

const id = '0123456789abcdef'.repeat(4)
const pod = 'kubepods-burstable-pod8a4b2f10_6a2d_4a53_9b57_3d3f0cbf4f2a.slice'

describe('the path of a process in the cgroup tree', () => {
  it.each([
    ['cgroup v2', '0::/system.slice/nginx.service\n', '/system.slice/nginx.service'],
    ['v1 only', '3:cpu,cpuacct:/a\n1:name=systemd:/system.slice/nginx.service\n', '/system.slice/nginx.service'],
    ['hybrid, v2 at its root', '2:pids:/docker/x\n1:name=systemd:/docker/x\n0::/\n', '/docker/x'],
    ['hybrid, v2 tells', '1:name=systemd:/a\n0::/b\n', '/b'],
    ['one controller tells', '9:name=systemd:/\n4:memory:/jobs/7\n0::/\n', '/jobs/7'],
    ['nothing but the root', '1:name=systemd:/\n0::/\n', '/'],
    ['a colon in the path', '0::/system.slice:cri-containerd:abc\n', '/system.slice:cri-containerd:abc'],
    ['a carriage return and a line separator in the path', '0::/lxc.payload.a\r\u2028b\n', '/lxc.payload.a\r\u2028b'],
    ['removed while in use', '0::/user.slice/old.scope (deleted)\n', '/user.slice/old.scope'],
    ['outside of the cgroup namespace', '0::/../../system.slice/a.service\n', '/../../system.slice/a.service'],
  ])('%s', (_, text, path) => {
    expect(cgroupPath(text)).toBe(path)
  })

  it.each(['', '\n', 'garbage', '0:/a', '0::', 'x::/a'])('is unknown for %j', (text) => {
    expect(cgroupPath(text)).toBeNull()
    expect(placementOf(text)).toEqual({ cgroup: null, unit: null, container: null })
  })
})

describe('the systemd unit', () => {
  it.each([
    ['/system.slice/nginx.service', 'nginx.service'],
    ['/system.slice/system-getty.slice/getty@tty1.service', 'getty@tty1.service'],
    ['/system.slice/system-serial\\x2dgetty.slice/serial-getty@ttyS0.service', 'serial-getty@ttyS0.service'],
    ['/system.slice/my\\x2dapp.service', 'my\\x2dapp.service'],
    ['/user.slice/user-1000.slice/session-2.scope', 'session-2.scope'],
    ['/user.slice/user-1000.slice/user@1000.service/app.slice/web.service', 'web.service'],
    ['/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome\\x2dx-12.scope', 'app-gnome\\x2dx-12.scope'],
    ['/user.slice/user-1000.slice/user@1000.service/init.scope', 'init.scope'],
    ['/init.scope', 'init.scope'],
    ['/system.slice/haproxy.service/workers/3', 'haproxy.service'],
    ['/system.slice/_cgroup.service', 'cgroup.service'],
    ['/user.slice/user-1000.slice', 'user-1000.slice'],
    [`/system.slice/docker-${id}.scope`, `docker-${id}.scope`],
    [`/docker/${id}/system.slice/nginx.service`, 'nginx.service'],
    [`/docker/${id}`, null],
    ['/', null],
    ['/jobs/.service', null],
    ['/jobs/a b.service', null],
    ['/jobs/nginx.services', null],
  ])('%s', (path, unit) => {
    expect(unitOf(path)).toBe(unit)
  })
})

describe('the container', () => {
  it.each([
    [`/system.slice/docker-${id}.scope`, 'docker', id],
    [`/docker/${id}`, 'docker', id],
    [`/docker/${id}/system.slice/nginx.service`, 'docker', id],
    [`/machine.slice/libpod-${id}.scope/container`, 'podman', id],
    [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope/container`, 'podman', id],
    [`/libpod_parent/libpod-${id}`, 'podman', id],
    [`/kubepods.slice/kubepods-burstable.slice/${pod}/cri-containerd-${id}.scope`, 'containerd', id],
    [`/kubepods.slice/kubepods-burstable.slice/${pod}/crio-${id}.scope`, 'cri-o', id],
    [`/kubepods.slice/kubepods-burstable.slice/${pod}/docker-${id}.scope`, 'docker', id],
    [`/kubepods/besteffort/pod8a4b2f10-6a2d-4a53-9b57-3d3f0cbf4f2a/${id}`, 'kubernetes', id],
    [`/kubepods.slice/kubepods-burstable.slice/${pod}/${id}`, 'kubernetes', id],
    [`/system.slice/containerd.service/${pod}:cri-containerd:${id}`, 'containerd', id],
    [`/system.slice/nerdctl-${id}.scope`, 'containerd', id],
    [`/default/${id}`, 'containerd', id],
    ['/lxc/web', 'lxc', 'web'],
    ['/lxc.payload.web', 'lxc', 'web'],
    ['/lxc.payload/web', 'lxc', 'web'],
    ['/lxc.payload.a\rb', 'lxc', 'a\rb'],
    ['/lxc.payload.web/system.slice/nginx.service', 'lxc', 'web'],
    ['/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service', 'systemd-nspawn', 'web'],
    ['/machine.slice/systemd-nspawn@my\\x2dbox.service', 'systemd-nspawn', 'my-box'],
    ['/machine.slice/machine-my\\x2dbox.scope', 'systemd-nspawn', 'my-box'],
    [`/lxc.payload.outer/system.slice/docker-${id}.scope`, 'docker', id],
    [`/docker/${id}/docker/${id.replace('0', 'f')}`, 'docker', id.replace('0', 'f')],
  ])('%s', (path, runtime, container) => {
    expect(containerOf(path)).toEqual({ runtime, id: container })
  })

  it.each([
    '/',
    '/system.slice/docker.service',
    '/system.slice/containerd.service',
    `/machine.slice/libpod-conmon-${id}.scope`,
    `/machine.slice/crio-conmon-${id}.scope`,
    '/lxc.monitor.web',
    '/system.slice/docker-0123.scope',
    '/machine.slice/machine-qemu\\x2d1\\x2dvm.scope',
    '/kubepods/besteffort/pod8a4b2f10-6a2d-4a53-9b57-3d3f0cbf4f2a',
    `/elsewhere/${id}`,
  ])('none in %s', (path) => {
    expect(containerOf(path)).toBeNull()
  })

  it('is shortened where it is an id, and whole where it is a name', () => {
    expect(shortContainerName({ runtime: 'docker', id })).toBe('0123456789ab')
    expect(shortContainerName({ runtime: 'lxc', id: 'a-rather-long-name' })).toBe('a-rather-long-name')
  })
})
