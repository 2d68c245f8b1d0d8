namespace Nspawn.UnitTests;

/// <summary>Files of the source tree that tests read; found from the build's output, which lies in the tree.</summary>
internal static class Repository
{
    private static readonly string s_root = Root(AppContext.BaseDirectory);

    public static string Read(string relative) => File.ReadAllText(Path.Combine(s_root, relative));

    /// <summary>A golden file; with NSPAWN_WRITE_GOLDEN set it is written instead, to be looked at and committed.</summary>
    public static string Golden(string name, string actual)
    {
        string path = Path.Combine(s_root, "tests/Nspawn.UnitTests/Golden", name);
        if (Environment.GetEnvironmentVariable("NSPAWN_WRITE_GOLDEN") is not null)
        {
            File.WriteAllText(path, actual);
        }

        return File.ReadAllText(path);
    }

    private static string Root(string directory)
    {
        string? path = directory;
        while (path is not null && !File.Exists(Path.Combine(path, "Nspawn.sln")))
        {
            path = Path.GetDirectoryName(path);
        }

        return path ?? throw new InvalidOperationException($"no Nspawn.sln above {directory}");
    }
}
