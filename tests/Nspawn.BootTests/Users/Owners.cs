using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>Whom files of the host belong to.</summary>
internal static class Owners
{
    public static (uint User, uint Group) Of(string path)
    {
        Assert.True(Syscall.lstat(path, out Stat status) == 0, path);
        return (status.st_uid, status.st_gid);
    }

    /// <summary>The owners and modes of all files below a directory, one a line.</summary>
    public static string[] Below(string directory, string format = "%P %U %G %m %y\n")
    {
        Outcome found = Command.Run("find", [directory, "-printf", format], TimeSpan.FromSeconds(30));
        return [.. found.Text.Split('\n').Order(StringComparer.Ordinal)];
    }
}
