using Mono.Unix.Native;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>Which settings file is read, and what becomes of one that is none.</summary>
public sealed class SettingsFileReaderTests : IDisposable
{
    private readonly string _top = Directory.CreateTempSubdirectory("nspawn-settings-").FullName;

    [Theory]
    [InlineData("/srv/trees/web", null, "web", "/srv/trees")]
    [InlineData("/srv/trees/web", "m", "m", "/srv/trees")]
    [InlineData("/srv/trees/../web_1", null, "web1", "/srv/trees/..")]
    [InlineData("/web", null, "web", "")]
    public void The_administrators_come_first_then_the_one_beside_the_tree(string directory, string? machine, string name, string beside)
    {
        Settings settings = new() { Directory = directory, Machine = machine };

        Assert.Equal(
            [
                new($"/etc/systemd/nspawn/{name}.nspawn", true), new($"/run/systemd/nspawn/{name}.nspawn", true),
                new SettingsFileReader.Candidate($"{beside}/{name}.nspawn", false),
            ],
            SettingsFileReader.Candidates(settings));
        Assert.All(SettingsFileReader.Candidates(settings with { SettingsFile = SettingsFileMode.Trusted }), one => Assert.True(one.Trusted));
        Assert.Empty(SettingsFileReader.Candidates(settings with { SettingsFile = SettingsFileMode.No }));
    }

    [Fact]
    public void The_name_is_the_one_that_was_given_not_the_one_a_link_leads_to()
    {
        Directory.CreateDirectory(Path.Combine(_top, "tree-1"));
        File.CreateSymbolicLink(Path.Combine(_top, "current"), "tree-1");

        Assert.Equal($"{_top}/current.nspawn", Candidate("current").Path);
        Assert.Equal($"{_top}/tree-1.nspawn", SettingsFileReader.Candidates(new Settings { Directory = $"{_top}/current/../tree-1/x/.." })[^1].Path);
    }

    [Fact]
    public void The_suffix_of_an_image_is_no_part_of_the_name()
    {
        File.WriteAllText(Path.Combine(_top, "disk.raw"), "");
        Directory.CreateDirectory(Path.Combine(_top, "dir.raw"));

        Assert.Equal($"{_top}/disk.nspawn", Candidate("disk.raw").Path);
        Assert.Equal($"{_top}/dir.raw.nspawn", Candidate("dir.raw").Path);
    }

    [Fact]
    public void The_first_that_is_there_is_read()
    {
        File.WriteAllText(At("b"), "[Exec]\n");

        Assert.Null(Find("a"));
        Assert.Equal(new SettingsFile(At("b"), false, "[Exec]\n"), Find("a", "b", "c"));
        File.CreateSymbolicLink(At("c"), At("b"));
        Assert.Equal(new SettingsFile(At("c"), false, "[Exec]\n"), Find("c", "b"));
        File.CreateSymbolicLink(At("dangling"), "nowhere");
        Assert.Equal(At("b"), Find("dangling", "b")?.Path);
    }

    [Theory]
    [InlineData("directory", "it is no regular file")]
    [InlineData("fifo", "it is no regular file")]
    [InlineData("/dev/zero", "it is no regular file")]
    [InlineData("loop", "Too many levels of symbolic links")]
    [InlineData("memory", "Input/output error")]
    [InlineData("huge", "it is larger than 64 KiB")]
    [InlineData("binary", "it is not UTF-8")]
    public void What_is_no_file_of_text_is_a_fault_and_never_waited_for(string kind, string fault)
    {
        string path = Make(kind);

        SettingsFile? found = SettingsFileReader.Find([new(path, false)]);
        Assert.Contains(fault, found?.Fault);
        LaunchException refusal = Assert.Throws<LaunchException>(() => SettingsFileReader.Find([new(path, true)]));
        Assert.StartsWith($"cannot use the settings file {path}: ", refusal.Message);
    }

    public void Dispose() => Directory.Delete(_top, recursive: true);

    private string Make(string kind)
    {
        string path = kind.StartsWith('/') ? kind : At(kind);
        switch (kind)
        {
            case "directory":
                Directory.CreateDirectory(path);
                break;
            case "fifo":
                Assert.Equal(0, Syscall.mkfifo(path, FilePermissions.DEFFILEMODE));
                break;
            case "loop":
                File.CreateSymbolicLink(path, path);
                break;
            case "memory":
                File.CreateSymbolicLink(path, "/proc/self/mem");
                break;
            case "huge":
                using (FileStream file = File.Create(path))
                {
                    file.SetLength(1L << 40);
                }

                break;
            case "binary":
                File.WriteAllBytes(path, [0x5b, 0xc3, 0x28]);
                break;
        }

        return path;
    }

    private string At(string name) => Path.Combine(_top, name + ".nspawn");

    private SettingsFile? Find(params string[] names) => SettingsFileReader.Find([.. names.Select(name => new SettingsFileReader.Candidate(At(name), false))]);

    private SettingsFileReader.Candidate Candidate(string tree) => SettingsFileReader.Candidates(new Settings { Directory = $"{_top}/{tree}" })[^1];
}
