import { describe, expect, it } from 'vitest';
import { ensureChromium, findChromium, type Machine } from '../../../toolchain/chromium.ts';

const APT_GET = '/usr/bin/apt-get';

/** A machine with these files; `installs` appears when apt-get installs. */
function machine(facts: { files?: string[]; env?: Record<string, string>; isRoot?: boolean; installs?: string; failing?: string } = {}) {
  const files = new Set(facts.files);
  const commands: string[] = [];
  const pretended: Machine = {
    env: facts.env ?? {},
    isRoot: facts.isRoot ?? true,
    exists: (file) => files.has(file),
    run(command, args) {
      commands.push([command, ...args].join(' '));
      if (facts.failing && args.includes(facts.failing)) return 100;
      if (args.includes('install') && facts.installs) files.add(facts.installs);
      return 0;
    },
  };
  return { ...pretended, commands };
}

describe('finding Chromium', () => {
  it('takes the one that CHROMIUM names before any other', () => {
    const files = ['/opt/mine/chrome', '/usr/bin/chromium'];
    expect(findChromium(machine({ files, env: { CHROMIUM: '/opt/mine/chrome' } }))).toBe('/opt/mine/chrome');
  });

  it('complains about a CHROMIUM that does not exist instead of taking another one', () => {
    expect(() => findChromium(machine({ files: ['/usr/bin/chromium'], env: { CHROMIUM: '/nowhere' } }))).toThrow(
      /CHROMIUM names \/nowhere/,
    );
  });

  it('looks on the PATH, then in the usual places', () => {
    const files = ['/home/me/bin/google-chrome', '/snap/bin/chromium'];
    expect(findChromium(machine({ files, env: { PATH: '/bin:/home/me/bin' } }))).toBe('/home/me/bin/google-chrome');
    expect(findChromium(machine({ files, env: { PATH: '/bin' } }))).toBe('/snap/bin/chromium');
  });

  it('never takes one from the current folder by an empty or relative PATH entry', () => {
    expect(findChromium(machine({ files: ['chromium', 'bin/chromium'], env: { PATH: ':bin' } }))).toBeNull();
  });

  it('says null when there is none', () => {
    expect(findChromium(machine())).toBeNull();
  });
});

describe('ensuring Chromium', () => {
  it('installs nothing when there is one', () => {
    const here = machine({ files: ['/usr/bin/chromium', APT_GET] });
    expect(ensureChromium(here)).toBe('/usr/bin/chromium');
    expect(here.commands).toEqual([]);
  });

  it('installs it with apt as root: first the lists, then the package without what it recommends', () => {
    const here = machine({ files: [APT_GET], installs: '/usr/bin/chromium' });
    expect(ensureChromium(here)).toBe('/usr/bin/chromium');
    expect(here.commands).toEqual([`${APT_GET} update --quiet`, `${APT_GET} install --yes --quiet --no-install-recommends chromium`]);
  });

  it.each([
    ['without apt', { isRoot: true }],
    ['without root', { files: [APT_GET], isRoot: false }],
    ['when the lists cannot be had', { files: [APT_GET], failing: 'update' }],
    ['when the package cannot be had', { files: [APT_GET], failing: 'install' }],
    ['when the package holds no browser', { files: [APT_GET] }],
  ])('says how to get it %s', (_, facts) => {
    expect(() => ensureChromium(machine(facts))).toThrow(/apt install chromium.*dnf install chromium.*brew install.*CHROMIUM=/);
  });

  it('does not install after the lists could not be had', () => {
    const here = machine({ files: [APT_GET], failing: 'update' });
    expect(() => ensureChromium(here)).toThrow(/apt-get update --quiet" ended with 100/);
    expect(here.commands).toHaveLength(1);
  });
});
