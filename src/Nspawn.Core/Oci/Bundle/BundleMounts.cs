using System.Collections.Immutable;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>The mounts, devices and covered paths of a bundle, as mounts of a container that has its own of some.</summary>
internal static class BundleMounts
{
    /// <summary>The container's own, whatever a bundle says of them.</summary>
    private static readonly ImmutableHashSet<string> s_own =
        ["/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys", "/sys/fs/cgroup", "/sys/fs/selinux", "/run", "/tmp"];

    private static readonly ImmutableHashSet<string> s_ownDevices =
    [
        "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/console", "/dev/ptmx", "/dev/net/tun", "/dev/fuse",
    ];

    private static readonly ImmutableHashSet<string> s_harmless =
    [
        "rw", "ro", "bind", "rbind", "private", "rprivate", "slave", "rslave", "relatime", "norelatime", "strictatime", "nostrictatime", "noatime", "atime",
        "nodiratime", "suid", "dev", "exec", "defaults",
    ];

    /// <summary>Null: the container has its own there.</summary>
    public static CustomMount? Read(BundleMount mount, string directory)
    {
        string target = Place(mount.Destination, "mounts");
        string[] options = [.. (mount.Options ?? []).OfType<string>()];
        string type = mount.Type ?? "";
        bool binds = type is "bind" or "rbind" || options.Contains("bind") || options.Contains("rbind");
        if (!binds && (s_own.Contains(target) || target.StartsWith("/sys/fs/cgroup/", StringComparison.Ordinal)))
        {
            return null;
        }

        if (binds || type == "")
        {
            string? unknown = options.FirstOrDefault(option => !s_harmless.Contains(option) && FlagOf(option) == MountFlags.None);
            if (unknown is not null || string.IsNullOrEmpty(mount.Source))
            {
                throw new OciException(unknown is null ? $"its mount {target} has no source" : $"its mount {target} has the option {Message.Printable(unknown)}, which cannot be done");
            }

            string source = HostPath.Absolute(mount.Source, new OptionContext(_ => null, directory));
            return new BindCustomMount(source, target, SourceInTree: false, options.Contains("ro"), Recursive: !options.Contains("bind") || options.Contains("rbind"))
            {
                Flags = options.Aggregate(MountFlags.None, (flags, option) => flags | FlagOf(option)),
            };
        }

        if (type != "tmpfs")
        {
            throw new OciException($"its mount {target} is of the type {Message.Printable(type)}: only bind and tmpfs can be mounted");
        }

        return new TmpfsCustomMount(target, string.Join(',', options.Where(option => !s_harmless.Contains(option) && FlagOf(option) == MountFlags.None).Prepend("mode=0755")))
        {
            Flags = options.Aggregate(options.Contains("ro") ? MountFlags.NoDev | MountFlags.ReadOnly : MountFlags.NoDev, (flags, option) => flags | FlagOf(option)),
        };
    }

    /// <summary>Null: the container has it anyway. Others are the host's, under the same name.</summary>
    public static CustomMount? Read(BundleDevice device)
    {
        string path = Place(device.Path, "linux.devices");
        return s_ownDevices.Contains(path) ? null
            : device.Type is "c" or "u" or "b" ? new BindCustomMount(path, path, SourceInTree: false, ReadOnly: false, Recursive: false)
            : throw new OciException($"its device {path} is of the type {Message.Printable(device.Type ?? "null")}: only c and b can be passed");
    }

    /// <summary>Paths that nobody may enter, or write; one that is not there needs no cover.</summary>
    public static IEnumerable<CustomMount> Covers(BundleLinux linux)
    {
        foreach (string path in (linux.MaskedPaths ?? []).OfType<string>().Select(one => Place(one, "linux.maskedPaths")))
        {
            if (!LeaderSteps.Masked.Contains(path))
            {
                yield return new InaccessibleCustomMount(path) { IsOptional = true };
            }
        }

        foreach (string path in (linux.ReadonlyPaths ?? []).OfType<string>().Select(one => Place(one, "linux.readonlyPaths")))
        {
            if (!LeaderSteps.Masked.Contains(path) && !LeaderSteps.ReadOnly.Contains(path) && path != "/proc/sys")
            {
                yield return new BindCustomMount(path, path, SourceInTree: true, ReadOnly: true, Recursive: true) { IsOptional = true };
            }
        }
    }

    private static MountFlags FlagOf(string option) => option switch
    {
        "nosuid" => MountFlags.NoSuid,
        "nodev" => MountFlags.NoDev,
        "noexec" => MountFlags.NoExec,
        _ => MountFlags.None,
    };

    private static string Place(string? path, string field)
    {
        try
        {
            return ContainerPath.ParseMountPoint(path ?? "");
        }
        catch (UsageException refusal)
        {
            throw new OciException($"its {field} have {Message.Printable(path ?? "null")}: {refusal.Message}");
        }
    }
}
