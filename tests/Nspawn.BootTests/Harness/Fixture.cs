using System.Collections.Concurrent;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>The trees of rootfs-fixtures/, made once by scripts/fixtures.</summary>
internal static class Fixture
{
    private static readonly ConcurrentDictionary<string, string> s_paths = new();

    public static string PathOf(string name) => s_paths.GetOrAdd(name, Make);

    private static string Make(string name)
    {
        Outcome made = Command.Run(Repository.File("scripts/fixtures"), [name], TimeSpan.FromMinutes(10));
        Assert.True(made.ExitStatus == 0, $"scripts/fixtures {name}: {made}");
        return made.Text.TrimEnd('\n');
    }
}
