using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn.UnitTests;

/// <summary>A small tree with systemd that nothing is wrong with, for something to be put wrong in it.</summary>
internal sealed class CheckedTree : IDisposable
{
    public const string Init = "usr/lib/systemd/systemd";
    public const string Units = "usr/lib/systemd/system";

    public CheckedTree()
    {
        foreach (string directory in (string[])["proc", "sys", "dev", "run", "tmp", "etc", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64"])
        {
            _ = Directory.CreateDirectory($"{Tree.Path}/{directory}");
        }

        foreach (string name in (string[])["bin", "sbin", "lib", "lib64"])
        {
            _ = Tree.WithLink(name, "usr/" + name);
        }

        Program(Init, Elf(62, "/lib64/ld.so")).Tree
            .With("usr/lib64/ld.so", "").With("usr/lib/systemd/libsystemd-shared-257.so", "")
            .With("etc/os-release", "ID=test\nNAME=\"A test's\"\n").With("etc/machine-id", "").With("etc/hostname", "name\n")
            .With("etc/shadow", "root:$y$j9T$abc:1::::::\n")
            .With($"{Units}/default.target", "[Unit]\nRequires=sysinit.target\n").With($"{Units}/sysinit.target", "[Unit]\n")
            .With($"{Units}/basic.target", "[Unit]\n")
            .With($"{Units}/vendor.service", "[Service]\nExecStart=/usr/lib/systemd/systemd --x\n").WithDirectory($"{Units}/default.target.wants")
            .WithLink($"{Units}/default.target.wants/vendor.service", "../vendor.service");
    }

    public TemporaryTree Tree { get; } = new();

    /// <summary>Of which its files say nothing: what only root could make.</summary>
    public Func<TreeSurvey, TreeSurvey> Facts { get; set; } = survey => survey;

    public HostFacts Host { get; set; } = PlanFacts.Host with { HasCgroupV1 = true };
    public ImmutableArray<BinaryFormat> Formats { get; set; } = [];

    /// <summary>An ELF program with a loader, and nothing else in it.</summary>
    public static byte[] Elf(ushort machine, string interpreter)
    {
        byte[] file = new byte[64 + 56 + interpreter.Length + 1];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), machine);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(32), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), 56);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(64), 3);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(64 + 8), 64 + 56);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(64 + 32), (ulong)interpreter.Length + 1);
        Encoding.UTF8.GetBytes(interpreter, file.AsSpan(64 + 56));
        return file;
    }

    public CheckedTree Program(string path, byte[] content)
    {
        _ = Directory.CreateDirectory(Path.GetDirectoryName($"{Tree.Path}/{path}")!);
        File.WriteAllBytes($"{Tree.Path}/{path}", content);
        File.SetUnixFileMode($"{Tree.Path}/{path}", (UnixFileMode)0x1ed);
        return this;
    }

    /// <summary>A unit that the administrator enabled.</summary>
    public CheckedTree Enabled(string unit, string text, string file = "")
    {
        _ = Tree.With($"{Units}/{(file.Length > 0 ? file : unit)}", text).WithDirectory("etc/systemd/system/default.target.wants")
            .WithLink($"etc/systemd/system/default.target.wants/{unit}", $"/{Units}/{unit}");
        return this;
    }

    public CheckedTree Without(string path)
    {
        if (Directory.Exists($"{Tree.Path}/{path}") && !File.GetAttributes($"{Tree.Path}/{path}").HasFlag(System.IO.FileAttributes.ReparsePoint))
        {
            Directory.Delete($"{Tree.Path}/{path}", recursive: true);
        }
        else
        {
            File.Delete($"{Tree.Path}/{path}");
        }

        return this;
    }

    public TreeSurvey Survey()
    {
        CensusTaker census = new();
        TreeWalk walk = new(Tree.Root.Handle, intoMounts: false);
        walk.Visit((in WalkedFile file) => census.Count(file));
        Settings settings = Settings.Default with { Mode = StartMode.Boot, LinkJournal = LinkJournalMode.No };
        TreeFacts facts = TreeReader.Read(Tree.Root, new TreeSource(TreeKind.Directory, Tree.Path, false), settings, Host);
        TreeSurvey survey = SurveyReader.Read(Tree.Root, facts, Formats, census.Result(walk.Unread));

        // Whoever runs the tests owns what they make.
        return Facts(survey with
        {
            Owners = survey.Owners.Keys.ToImmutableSortedDictionary(path => path, _ => 0u),
            Census = survey.Census with { Ranges = survey.Census.Ranges.Clear().Add(0, survey.Census.Files) },
        });
    }

    public ImmutableArray<Finding> Findings() => TreeCheck.Of(Survey(), Host);

    public void Dispose() => Tree.Dispose();
}
