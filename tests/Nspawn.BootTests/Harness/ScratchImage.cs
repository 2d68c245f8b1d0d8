using System.Globalization;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>
/// A throw-away copy of a disk image of the fixture <c>images</c>. Its name is the machine's, and is found in the name of
/// the file, so that loop devices can be told from what others do.
/// </summary>
internal sealed class ScratchImage : IDisposable
{
    private readonly string _top;

    public ScratchImage(string image)
    {
        Need.Root();
        string fixture = Of(image);
        Name = "nsb-" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..10];
        _top = Directory.CreateDirectory(Path.Combine("/tmp", Name)).FullName;
        Assert.Equal(0, Command.Run("cp", ["--sparse=always", "--reflink=auto", "--no-preserve=mode", fixture, File]).ExitStatus);
    }

    public string Name { get; }

    public string File => $"{_top}/{Name}.raw";

    /// <summary>A folder beside it.</summary>
    public string Folder => _top;

    /// <summary>The fixture's own image, which nobody may write.</summary>
    public static string Of(string image) => $"{Fixture.PathOf("images")}/{image}.raw";

    /// <summary>Runs a payload in it and waits for its end.</summary>
    public Outcome Run(params string[] arguments)
    {
        using Command command = Start(arguments);
        return command.Wait(TimeSpan.FromSeconds(60));
    }

    public Command Start(params string[] arguments) =>
        Command.Start(Launcher.Nspawn.Program, ["-q", "-M", Name, "-i", File, .. arguments], Launcher.CallerEnvironment);

    public void Dispose()
    {
        Leftovers.KillProcesses(Name);
        Directory.Delete(_top, recursive: true);
    }
}
