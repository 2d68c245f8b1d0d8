namespace Nspawn.BootTests;

/// <summary>Where the sources are: the folder of Nspawn.sln above the test binary.</summary>
internal static class Repository
{
    public static readonly string Root = Find();

    public static string File(string path) => Path.Combine(Root, path);

    private static string Find()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !System.IO.File.Exists(Path.Combine(directory, "Nspawn.sln")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory ?? throw new InvalidOperationException("no Nspawn.sln above " + AppContext.BaseDirectory);
    }
}
