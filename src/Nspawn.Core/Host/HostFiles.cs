using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Reads links of the host.</summary>
public static class HostFiles
{
    /// <summary>A small file's text; null when it cannot be read.</summary>
    public static string? Read(string path) => HostReader.ReadText(path);

    /// <summary>A symbolic link's text; null when the path is no link.</summary>
    public static string? ReadLink(string path) => Links.Read(path);

    /// <summary>Where an open descriptor leads: the path with every link resolved.</summary>
    public static string PathOf(SafeFileHandle handle) =>
        Links.Read($"/proc/self/fd/{handle.Fd()}") ?? throw new LaunchException("the path of the tree is too long to be named");

    /// <summary>What tells this boot of the host from others; null: unknown.</summary>
    public static Guid? BootId() =>
        Guid.TryParse(HostReader.ReadText("/proc/sys/kernel/random/boot_id")?.Trim(), out Guid id) ? id : null;
}
