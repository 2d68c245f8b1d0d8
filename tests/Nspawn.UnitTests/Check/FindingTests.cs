using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>Each kind of finding has a tree that shows it, and one, the same for all, that shows none.</summary>
public class FindingTests
{
    private static readonly Dictionary<string, Action<CheckedTree>> s_trees = new()
    {
        ["no-usr"] = tree => tree.Without("usr"),
        ["mount-point-blocked"] = tree => tree.Without("proc").Tree.WithLink("proc", "usr"),
        ["mount-point-missing"] = tree => tree.Without("run"),
        ["not-all-read"] = tree => tree.Facts = survey => survey with { Census = survey.Census with { Unread = 1 } },

        ["init-missing"] = tree => tree.Without(CheckedTree.Init),
        ["init-dangling"] = tree => tree.Without(CheckedTree.Init).Tree.WithLink("usr/sbin/init", "/lib/sysvinit/init"),
        ["init-not-executable"] = tree => File.SetUnixFileMode($"{tree.Tree.Path}/{CheckedTree.Init}", UnixFileMode.UserRead),
        ["init-format"] = tree => tree.Program(CheckedTree.Init, "no program"u8.ToArray()),
        ["init-architecture"] = tree => tree.Program(CheckedTree.Init, CheckedTree.Elf(183, "/lib64/ld.so")),
        ["init-interpreter"] = tree => tree.Program(CheckedTree.Init, CheckedTree.Elf(62, "/lib/ld-musl.so")),
        ["init-emulated"] = Emulated,

        ["systemd-cgroup"] = tree =>
        {
            tree.Host = tree.Host with { HasCgroupV1 = false };
            _ = tree.Without("usr/lib/systemd/libsystemd-shared-257.so").Tree.With("usr/lib/systemd/libsystemd-shared-231.so", "");
        },
        ["systemd-version-unknown"] = tree => tree.Without("usr/lib/systemd/libsystemd-shared-257.so"),

        ["os-release-missing"] = tree => tree.Without("etc/os-release"),
        ["os-release-malformed"] = tree => tree.Tree.With("etc/os-release", "ID=test\nNAME=\"open\n"),
        ["machine-id-shipped"] = tree => tree.Tree.With("etc/machine-id", "0123456789abcdef0123456789abcdef\n"),
        ["machine-id-malformed"] = tree => tree.Tree.With("etc/machine-id", "0123\n"),
        ["machine-id-missing"] = tree => tree.Without("etc/machine-id"),
        ["machine-id-uninitialized"] = tree => tree.Tree.With("etc/machine-id", "uninitialized\n"),
        ["dbus-machine-id"] = tree => tree.Tree.With("var/lib/dbus/machine-id", "0123456789abcdef0123456789abcdef\n"),
        ["hostname-empty"] = tree => tree.Tree.With("etc/hostname", "# to be filled\n\n"),

        ["ssh-host-keys"] = tree => tree.Tree.With("etc/ssh/ssh_host_ed25519_key", "secret").With("etc/ssh/ssh_host_ed25519_key.pub", ""),
        ["random-seed"] = tree => tree.Tree.With("var/lib/systemd/random-seed", "seed"),
        ["credential-secret"] = tree => tree.Tree.With("var/lib/systemd/credential.secret", "secret"),
        ["root-password-empty"] = tree => tree.Tree.With("etc/shadow", "root::1::::::\n"),
        ["no-login"] = tree => tree.Tree.With("etc/shadow", "root:!:1::::::\nbin:*:1::::::\n"),

        ["resolv-conf-dangling"] = tree => tree.Tree.WithLink("etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf"),
        ["localtime-dangling"] = tree => tree.Tree.WithLink("etc/localtime", "../usr/share/zoneinfo/Europe/Berlin"),

        ["fstab-malformed"] = tree => tree.Tree.With("etc/fstab", "# a comment\n/dev/sda1 /srv\n"),
        ["fstab-root"] = tree => tree.Tree.With("etc/fstab", "UUID=0123-4567 / ext4 errors=remount-ro 0 1\n"),
        ["fstab-ignored"] = tree => tree.Tree.With("etc/fstab", "LABEL=data\t/srv ext4 nofail\n"),
        ["fstab-device"] = tree =>
        {
            _ = tree.Without("usr/lib/systemd").Program("usr/sbin/init", CheckedTree.Elf(62, "/lib64/ld.so"));
            _ = tree.Tree.With("etc/fstab", "/dev/sda1 /srv ext4 defaults\n");
        },
        ["fstab-network"] = tree => tree.Tree.With("etc/fstab", "server:/export /srv nfs4 defaults\n"),

        ["unit-missing"] = tree => tree.Enabled("gone.service", "").Without(CheckedTree.Units + "/gone.service"),
        ["unit-program-missing"] = tree => tree.Enabled("x.service", "[Service]\nExecStart=@/usr/bin/no-such x\n"),
        ["unit-needs-device"] = tree => tree.Enabled("serial-getty@ttyS0.service", "[Unit]\nBindsTo=dev-%i.device\n[Service]\nExecStart=/usr/lib/systemd/systemd\n", "serial-getty@.service"),
        ["unit-wait-online"] = tree => tree.Enabled("systemd-networkd-wait-online.service", "[Unit]\nConditionCapability=CAP_NET_ADMIN\n[Service]\nExecStart=/usr/lib/systemd/systemd\n"),
        ["unit-no-use"] = tree => tree.Enabled("lvm2-monitor.service", "[Service]\nExecStart=/usr/lib/systemd/systemd\n"),

        ["ownership-shifted"] = tree => tree.Facts = survey => Owned(survey, 0x90000, 0x90000),
        ["ownership-not-root"] = tree => tree.Facts = survey => Owned(survey, 1000, 0),
        ["ownership-mixed"] = tree => tree.Facts = survey => survey with { Census = survey.Census with { Ranges = survey.Census.Ranges.Add(0x90000, 3) } },
        ["ownership-nobody"] = tree => tree.Facts = survey => survey with { Census = survey.Census with { OfNobody = 1 } },
        ["setuid-files"] = tree => File.SetUnixFileMode($"{tree.Tree.Path}/{CheckedTree.Init}", (UnixFileMode)0x9ed),

        ["not-usr-merged"] = tree => Directory.CreateDirectory($"{tree.Without("sbin").Tree.Path}/sbin"),
        ["package-caches"] = tree => tree.Tree.With("var/cache/apt/archives/partial/x.deb", new string('x', 2_000_000)),
        ["logs"] = tree => tree.Tree.With("var/log/journal/x", new string('x', 2_000_000)),
        ["temporary-files"] = tree => tree.Tree.With("var/tmp/x", new string('x', 2_000_000)),
    };

    public static TheoryData<string> Ids => [.. FindingKinds.All.Select(kind => kind.Id)];

    [Fact]
    public void Every_kind_has_a_tree() => Assert.Equal(FindingKinds.All.Select(kind => kind.Id).Order(), s_trees.Keys.Order());

    [Fact]
    public void A_tree_that_nothing_is_wrong_with_has_none()
    {
        using CheckedTree tree = new();

        Assert.Empty(tree.Findings());
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void The_tree_shows_it(string id)
    {
        using CheckedTree tree = new();
        s_trees[id](tree);
        Finding finding = Assert.Single(tree.Findings(), finding => finding.Id == id);

        Assert.Equal(FindingKinds.All.Single(kind => kind.Id == id).Severity, finding.Severity);
        Assert.All((string[])[finding.Message, finding.Remedy], text => Assert.Matches("^[^\n]{5,300}$", text));
    }

    /// <summary>What a launch would refuse, the check calls an error; and nothing else but what only the kernel refuses.</summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public void What_a_launch_refuses_is_an_error(string id)
    {
        using CheckedTree tree = new();
        s_trees[id](tree);
        string? refusal = null;
        try
        {
            _ = Planner.Create(Settings.Default with { Mode = StartMode.Boot }, tree.Host, tree.Survey().Tree);
        }
        catch (LaunchException refused)
        {
            refusal = refused.Message;
        }

        Assert.Equal(refusal is not null, tree.Findings().Any(finding => finding.Severity == Severity.Error && !s_ofTheKernel.Contains(finding.Id)));
    }

    private static readonly string[] s_ofTheKernel = ["init-not-executable", "init-format", "init-architecture", "init-interpreter"];

    private static TreeSurvey Owned(TreeSurvey survey, uint owner, uint range) => survey with
    {
        Owners = survey.Owners.SetItem("/", owner).SetItem("/etc", owner).SetItem("/usr", owner),
        Census = survey.Census with { Ranges = survey.Census.Ranges.Clear().Add(range, 10) },
    };

    private static void Emulated(CheckedTree tree)
    {
        byte[] program = CheckedTree.Elf(183, "/lib64/ld.so");
        _ = tree.Program(CheckedTree.Init, program);
        tree.Formats = [new BinaryFormat { Name = "qemu-aarch64", Interpreter = "/usr/bin/qemu-aarch64-static", IsOpened = true, Magic = [.. program[..20]] }];
    }
}
