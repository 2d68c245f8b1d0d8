using System.Collections.Immutable;
using static Nspawn.Core.FindingKinds;

namespace Nspawn.Core;

/// <summary>Units that are started with the tree and cannot do in a container what they are for.</summary>
internal static class UnitRules
{
    private static readonly ImmutableHashSet<string> s_waitOnline =
        ["NetworkManager-wait-online", "systemd-networkd-wait-online", "ifupdown-wait-online", "connman-wait-online"];

    /// <summary>Services whose unit files do not say that they are for the machine itself, by the beginnings of their names.</summary>
    private static readonly ImmutableArray<(string Stem, string Why)> s_ofTheMachine =
    [
        ("systemd-udevd", "no device will appear"), ("udev", "no device will appear"),
        ("systemd-modules-load", "modules are the host's"), ("kmod", "modules are the host's"), ("dkms", "modules are the host's"),
        ("lvm2", "a container has no disks"), ("mdmonitor", "a container has no disks"), ("mdadm", "a container has no disks"),
        ("smartd", "a container has no disks"), ("smartmontools", "a container has no disks"), ("multipathd", "a container has no disks"),
        ("hdparm", "a container has no disks"), ("iscsid", "a container has no disks"), ("zfs", "a container has no disks"),
        ("ntp", "the clock is the host's"), ("ntpd", "the clock is the host's"), ("ntpsec", "the clock is the host's"),
        ("chrony", "the clock is the host's"), ("chronyd", "the clock is the host's"), ("openntpd", "the clock is the host's"),
        ("systemd-timesyncd", "the clock is the host's"), ("hwclock", "the clock is the host's"),
        ("grub", "nothing is booted by a boot loader"), ("grub2", "nothing is booted by a boot loader"), ("systemd-boot-update", "nothing is booted by a boot loader"),
        ("kdump", "the kernel is the host's"), ("kexec", "the kernel is the host's"), ("dracut", "the kernel is the host's"),
        ("thermald", "hardware is the host's"), ("irqbalance", "hardware is the host's"), ("acpid", "hardware is the host's"),
        ("fwupd", "hardware is the host's"), ("ModemManager", "hardware is the host's"), ("bluetooth", "hardware is the host's"),
        ("wpa_supplicant", "hardware is the host's"), ("gpm", "there is no virtual console"), ("qemu-guest-agent", "it is not a virtual machine"),
        ("open-vm-tools", "it is not a virtual machine"), ("vmtoolsd", "it is not a virtual machine"), ("console-setup", "there is no virtual console"),
        ("keyboard-setup", "there is no virtual console"),
    ];

    public static IEnumerable<Finding> Of(TreeSurvey survey, HostFacts host)
    {
        foreach (BootUnit unit in survey.Units)
        {
            if (unit.State == BootUnitState.Missing && unit.IsEnabled && unit.Type != "device")
            {
                yield return UnitMissing.With($"{unit.Name} is enabled, and there is no such unit");
            }
            else if (unit.State == BootUnitState.Loaded && UnitConditions.Of(unit, survey) is not Truth.No && OfUnit(unit, survey) is Finding finding)
            {
                yield return finding;
            }
        }
    }

    private static Finding? OfUnit(BootUnit unit, TreeSurvey survey)
    {
        if (unit.Type == "swap")
        {
            return UnitNeedsDevice.With($"{unit.Name} is not started: a container has no swap of its own");
        }

        if (UnitRequirements.Device(unit) is string device)
        {
            return UnitNeedsDevice.With($"{unit.Name} is not started: it needs {device}, and a container has no devices of the machine");
        }

        if (s_waitOnline.Contains(unit.Stem))
        {
            return UnitWaitOnline.With($"{unit.Name} may hold up the boot for minutes: with --private-network there is no network to wait for");
        }

        if (UnitRequirements.Programs(unit).FirstOrDefault(program => !survey.UnitPaths.Contains(program)) is string missing)
        {
            return UnitProgramMissing.With($"{unit.Name} fails: its program {missing} is not there");
        }

        return s_ofTheMachine.FirstOrDefault(one => IsOne(unit, one.Stem)) is (string, string why)
            ? UnitNoUse.With($"{unit.Name} has no use in a container: {why}")
            : null;
    }

    private static bool IsOne(BootUnit unit, string stem) =>
        unit.Type == "service" && (unit.Stem == stem || unit.Stem.StartsWith(stem + "-", StringComparison.Ordinal));
}
