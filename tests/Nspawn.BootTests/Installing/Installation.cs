using System.Globalization;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>What scripts/install makes, in a folder of its own.</summary>
public sealed class Installation : IDisposable
{
    public Installation()
    {
        Need.Tool("go-md2man");
        Top = Path.Combine(Path.GetTempPath(), "installed-" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..10]);
        Directory.CreateDirectory(Top);
    }

    /// <summary>The folder that stands for the file system's root.</summary>
    public string Top { get; }

    public string At(string path) => Top + path;

    /// <summary>Everything in it, with what a link points to.</summary>
    public string[] Entries() =>
    [
        .. Directory.EnumerateFileSystemEntries(Top, "*", SearchOption.AllDirectories)
            .Select(path => path[Top.Length..] + (new FileInfo(path).LinkTarget is { } target ? $" -> {target}" : ""))
            .Order(StringComparer.Ordinal),
    ];

    public Installation Install(params string[] options) => Script("install", ["--destdir=" + Top, .. options]);

    public Installation Uninstall(params string[] options) => Script("uninstall", ["--destdir=" + Top, .. options]);

    /// <summary>The scripts know a prefix that exists: the units name a program that is there.</summary>
    public Installation InstallBelow(params string[] options) => Script("install", ["--destdir=/", "--prefix=" + Top, .. options]);

    public void Dispose() => Directory.Delete(Top, recursive: true);

    private Installation Script(string name, string[] options)
    {
        Outcome outcome = Command.Run(Repository.File("scripts/" + name), options, TimeSpan.FromMinutes(5));
        Assert.True(outcome.ExitStatus == 0, $"scripts/{name} {string.Join(' ', options)}: {outcome}");
        return this;
    }
}
