using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>A file system cannot show other owners than are on disk.</summary>
internal sealed class MappingRefused : LaunchException
{
    private MappingRefused(string message)
        : base(message)
    {
    }

    public static MappingRefused Of(string path, SafeFileHandle mount) => new(
        $"--private-users-ownership=map: the file system of {path}, {FileSystems.TypeOf(mount)}, cannot show other owners than are on disk; use --private-users-ownership=chown");
}
