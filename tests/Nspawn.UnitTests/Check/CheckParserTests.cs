using System.Text;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>What a check reads from a tree is hostile: any bytes are taken or passed over, and nothing is thrown.</summary>
public class CheckParserTests
{
    private const int Seed = 20250917;
    private const int Rounds = 20_000;

    [Fact]
    public void The_loader_of_a_program_of_this_machine_is_found()
    {
        ElfHeader header = Assert.IsType<ElfHeader>(ElfHeader.Parse(File.ReadAllBytes("/bin/ls").AsSpan(0, 65536)));

        Assert.Equal((62, true, "/lib64/ld-linux-x86-64.so.2"), (header.Machine, header.Is64Bit, header.Interpreter));
        Assert.True(header.IsNative);
    }

    [Fact]
    public void Any_bytes_are_a_program_or_none()
    {
        Random random = new(Seed);
        byte[] whole = CheckedTree.Elf(62, "/lib64/ld.so");
        for (int i = 0; i < Rounds; i++)
        {
            byte[] bytes = [.. whole[..random.Next(whole.Length + 1)]];
            for (int change = random.Next(8); change > 0 && bytes.Length > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            _ = ElfHeader.Parse(bytes);
            _ = TreeProgram.ScriptInterpreterOf(bytes);
        }
    }

    [Fact]
    public void Any_text_is_read()
    {
        Random random = new(Seed);
        string[] pieces =
            ["[Unit]", "[", "]", "=", "\n", "\\\n", " ", "\t", "#", ";", "\"", "'", "%", "%i", "%%", "|", "!", "-", "@", "/", "UUID=", "Condition", "ConditionPathExists=", "ExecStart=", "magic ", "0", "7f45", "\0", "\u00e4", "enabled", "interpreter ", "ID"];
        for (int i = 0; i < Rounds; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => pieces[random.Next(pieces.Length)]));
            _ = OsRelease.Parse(text);
            _ = FstabLine.Parse(text);
            _ = BinaryFormat.Parse("x", text)?.Takes(Encoding.UTF8.GetBytes(text), "/x");
            BootUnit unit = new() { Name = "a@b.service", Settings = [.. UnitFile.Parse(text)] };
            Assert.All(UnitRequirements.Paths(unit), path => Assert.StartsWith("/", path, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("ID=x", "x", null)]
    [InlineData("ID=\"a \\\"b\\\" c\"", "a \"b\" c", null)]
    [InlineData("ID='a b'", "a b", null)]
    [InlineData("\n# ID=x\nID=y\nID=z", "z", null)]
    [InlineData("ID=a b", null, 1)]
    [InlineData("NAME=x\nnot an assignment\n", null, 2)]
    [InlineData("ID=\"a", null, 1)]
    [InlineData("ID=\"a\"b", null, 1)]
    [InlineData("1D=a", null, 1)]
    public void Os_release_is_what_a_shell_takes(string text, string? id, int? bad)
    {
        OsRelease release = OsRelease.Parse(text);

        Assert.Equal((id, bad), (release.Id, release.FirstBadLine));
    }

    [Fact]
    public void An_emulator_is_asked_by_magic_and_mask()
    {
        BinaryFormat format = Assert.IsType<BinaryFormat>(BinaryFormat.Parse("qemu", "enabled\ninterpreter /usr/bin/qemu\nflags: POCF\noffset 1\nmagic 0102\nmask ff0f\n"));

        Assert.True(format.IsOpened);
        Assert.True(format.Takes([9, 1, 0xf2], "/x"));
        Assert.False(format.Takes([9, 1, 0xf3], "/x"));
        Assert.False(format.Takes([9, 1], "/x"));
        Assert.Null(BinaryFormat.Parse("qemu", "disabled\ninterpreter /usr/bin/qemu\nmagic 01\n"));
    }
}
