namespace Nspawn.BootTests;

/// <summary>Where a settings file is.</summary>
public enum FilePlace
{
    /// <summary>The administrator's directory.</summary>
    Run,

    /// <summary>Beside the tree.</summary>
    Beside,
}

/// <summary>A settings file of a machine, for as long as it is not disposed.</summary>
internal sealed class PlacedFile : IDisposable
{
    private const string Administrators = "/run/systemd/nspawn";

    public PlacedFile(Scratch scratch, FilePlace place, string text)
    {
        string directory = place == FilePlace.Run ? Administrators : System.IO.Path.GetDirectoryName(scratch.Tree)!;
        Directory.CreateDirectory(directory);
        Path = $"{directory}/{scratch.Name}.nspawn";
        File.WriteAllText(Path, text);
    }

    public string Path { get; }

    public void Dispose() => File.Delete(Path);
}
