using System.Collections.Immutable;
using System.Text;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Reads what a survey is made of; every path is resolved inside the tree, and nothing is written.</summary>
public sealed class SurveyReader(RootDirectory tree)
{
    private const int SmallFile = 64 * 1024;
    private const int LargeFile = 8 * 1024 * 1024;
    private const int LongestChain = 4;

    /// <param name="tree">The tree.</param>
    /// <param name="facts">What a boot of it would know.</param>
    /// <param name="formats">The host's emulators.</param>
    /// <param name="census">The count of its files.</param>
    public static TreeSurvey Read(RootDirectory tree, TreeFacts facts, ImmutableArray<BinaryFormat> formats, TreeCensus census) =>
        new SurveyReader(tree).Read(facts, formats, census);

    private TreeSurvey Read(TreeFacts facts, ImmutableArray<BinaryFormat> formats, TreeCensus census)
    {
        string? osRelease = ReadText("/etc/os-release") ?? ReadText("/usr/lib/os-release");
        string? dangling = TreeReader.InitPaths.FirstOrDefault(path => tree.ReadLink(path) is not null && !tree.Exists(path));
        TreeSurvey survey = new()
        {
            Tree = facts,
            Census = census,
            Init = ReadInit(facts, formats),
            DanglingInit = dangling is null ? null : (dangling, tree.ReadLink(dangling) ?? ""),
            OsRelease = osRelease is null ? null : OsRelease.Parse(osRelease),
            OsReleaseDangles = ((string[])["/etc/os-release", "/usr/lib/os-release"]).Any(path => tree.ReadLink(path) is not null && !tree.Exists(path)),
            MachineId = ReadMachineId(facts),
            HasOwnDbusId = tree.StatusOf("/var/lib/dbus/machine-id") is { Type: FileType.Regular, Size: > 0 },
            SshHostKeys = Matching("/etc/ssh", name => name.StartsWith("ssh_host_", StringComparison.Ordinal) && name.EndsWith("_key", StringComparison.Ordinal)),
            RandomSeeds = Present("/var/lib/systemd/random-seed", "/var/lib/urandom/random-seed", "/boot/loader/random-seed", "/efi/loader/random-seed", "/boot/efi/loader/random-seed"),
            CredentialSecrets = Present("/var/lib/systemd/credential.secret"),
            ResolvConfLeads = tree.Exists("/etc/resolv.conf"),
            LocaltimeLeads = tree.Exists("/etc/localtime"),
            Fstab = FstabLine.Parse(ReadText("/etc/fstab") ?? ""),
            Hostname = ReadText("/etc/hostname"),
            IsUsrMerged = ((string[])["/bin", "/sbin", "/lib", "/lib64"]).All(path => tree.StatusOf(path) is null or { Type: FileType.Symlink }),
            Owners = ((string[])["/", "/etc", "/usr"]).Where(path => tree.StatusOf(path) is not null)
                .ToImmutableSortedDictionary(path => path, path => tree.StatusOf(path)?.Uid ?? 0),
        };
        ImmutableArray<BootUnit> units = survey.IsSystemd ? new UnitSurvey(tree).Read() : [];
        return survey with
        {
            Units = units,
            UnitPaths = [.. units.SelectMany(UnitRequirements.Paths).Distinct().Where(tree.Exists)],
            Logins = ReadLogins(units),
        };
    }

    private ImmutableArray<TreeProgram> ReadInit(TreeFacts facts, ImmutableArray<BinaryFormat> formats)
    {
        List<TreeProgram> chain = [];
        string? path = facts.Inits.FirstOrDefault();
        while (path is not null && chain.Count < LongestChain && TreeProgram.Read(tree, path, formats) is TreeProgram program)
        {
            chain.Add(program);
            path = program.ScriptInterpreter;
        }

        return [.. chain];
    }

    private MachineIdState ReadMachineId(TreeFacts facts)
    {
        if (facts.MachineIdIsMalformed)
        {
            return MachineIdState.Malformed;
        }

        if (facts.MachineId is not null)
        {
            return MachineIdState.Set;
        }

        return ReadText("/etc/machine-id")?.Trim() switch
        {
            null => tree.Exists("/etc/machine-id") ? MachineIdState.Unreadable : MachineIdState.Missing,
            "" => MachineIdState.Empty,
            _ => MachineIdState.Uninitialized,
        };
    }

    private LoginState ReadLogins(ImmutableArray<BootUnit> units)
    {
        if (ReadText("/etc/shadow") is not string shadow)
        {
            return LoginState.Unknown;
        }

        string[][] entries = [.. shadow.Split('\n').Select(line => line.Split(':')).Where(fields => fields.Length > 2)];
        bool autologin = units.Any(unit => unit.Values("Service.ExecStart").Any(line => line.Contains("agetty", StringComparison.Ordinal) && line.Contains("--autologin", StringComparison.Ordinal)));
        return entries.Any(fields => fields[0] == "root" && fields[1].Length == 0) ? LoginState.RootWithoutPassword
            : autologin || entries.Any(fields => fields[1].Length > 1 && fields[1][0] is not ('!' or '*')) || tree.Exists("/root/.ssh/authorized_keys") ? LoginState.Possible
            : LoginState.Impossible;
    }

    private ImmutableArray<string> Present(params ReadOnlySpan<string> paths)
    {
        List<string> present = [];
        foreach (string path in paths)
        {
            if (tree.StatusOf(path) is { Type: FileType.Regular, Size: > 0 })
            {
                present.Add(path);
            }
        }

        return [.. present];
    }

    private ImmutableArray<string> Matching(string directory, Func<string, bool> isMeant) =>
        [.. DirectoryListing.Of(tree, directory).Where(isMeant).Order(StringComparer.Ordinal).Select(name => $"{directory}/{name}")];

    private string? ReadText(string path) => tree.ReadFile(path, path == "/etc/shadow" ? LargeFile : SmallFile) is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;
}
