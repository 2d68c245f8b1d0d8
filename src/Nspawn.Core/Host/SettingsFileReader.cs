using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>
/// Finds the settings file of a machine: the administrator's, by the machine's name, or one beside the tree, which may have
/// come with it and is as hostile as that; systemd.nspawn(5).
/// </summary>
public static class SettingsFileReader
{
    private const string ImageSuffix = ".raw";

    /// <summary>Where the administrator's files are.</summary>
    public static readonly ImmutableArray<string> TrustedDirectories = ["/etc/systemd/nspawn", "/run/systemd/nspawn"];

    /// <summary>A file that would be read.</summary>
    public readonly record struct Candidate(string Path, bool Trusted);

    /// <summary>The first that is there; null: none is, or none is wanted.</summary>
    /// <param name="settings">What is known of the launch.</param>
    /// <param name="besideTree">There may be one beside the tree.</param>
    /// <exception cref="LaunchException">A trusted one cannot be read: without it the container could get more than it should.</exception>
    public static SettingsFile? Find(Settings settings, bool besideTree = true)
    {
        ImmutableArray<Candidate> candidates = Candidates(settings);
        return Find(besideTree || candidates.IsEmpty ? candidates : candidates[..^1]);
    }

    /// <summary>Where a file would be, in the order in which it is looked for.</summary>
    public static ImmutableArray<Candidate> Candidates(Settings settings)
    {
        if (settings.SettingsFile == SettingsFileMode.No)
        {
            return [];
        }

        string tree = Absolute(ImageSearch.Find(settings).Path);
        (string parent, string last) = RootDirectory.Split(tree);
        string name = (settings.Machine ?? NameOf(tree, last)) + ".nspawn";
        return
        [
            .. TrustedDirectories.Select(directory => new Candidate($"{directory}/{name}", Trusted: true)),
            new Candidate($"{parent.TrimEnd('/')}/{name}", settings.SettingsFile == SettingsFileMode.Trusted),
        ];
    }

    internal static SettingsFile? Find(ImmutableArray<Candidate> candidates) =>
        candidates.Select(Read).FirstOrDefault(file => file is not null);

    private static SettingsFile? Read(Candidate candidate)
    {
        // First as a place: a FIFO would be waited for, a device could act.
        using SafeFileHandle? place = Descriptors.TryOpen(candidate.Path, OpenMode.Path, out Errno errno);
        if (place is null && errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }

        SettingsFile file = place is null ? Unusable(candidate, ErrnoText.Of(errno)) : ReadPlace(candidate, place);
        return file.Fault is null || !file.Trusted ? file : throw new LaunchException(
            $"cannot use the settings file {file.Path}: {file.Fault}; mend it, or use --settings=no");
    }

    private static SettingsFile ReadPlace(Candidate candidate, SafeFileHandle place)
    {
        if (FileStatus.Of(place, candidate.Path).Type != FileType.Regular)
        {
            return Unusable(candidate, "it is no regular file");
        }

        using SafeFileHandle? file = Descriptors.TryOpen(
            $"/proc/self/fd/{place.Fd()}", OpenMode.Read | OpenMode.NonBlocking, out Errno errno);
        if (file is null)
        {
            return Unusable(candidate, ErrnoText.Of(errno));
        }

        try
        {
            return SettingsFile.Of(candidate.Path, candidate.Trusted, Descriptors.ReadAll(file, SettingsFile.LargestSize + 1, candidate.Path));
        }
        catch (SyscallException failure)
        {
            return Unusable(candidate, failure.Reason); // files of the kernel's are regular too
        }
    }

    private static SettingsFile Unusable(Candidate candidate, string fault) => new(candidate.Path, candidate.Trusted, "", fault);

    // The name as it was given, not where a link leads: it is what the user calls the tree.
    private static string Absolute(string path)
    {
        string absolute = path == "." ? Environment.CurrentDirectory : path;
        return absolute.EndsWith("/..", StringComparison.Ordinal) ? Path.GetFullPath(absolute) : absolute;
    }

    private static string NameOf(string tree, string last)
    {
        bool isImage = last.EndsWith(ImageSuffix, StringComparison.Ordinal) && FileStatus.At(tree) is { Type: not FileType.Directory };
        return MachineNameOfTree.From(
            isImage ? tree[..^ImageSuffix.Length] : tree, last.Length > 0 ? "" : HostReader.ReadHostname());
    }
}
