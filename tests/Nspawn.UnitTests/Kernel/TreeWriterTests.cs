using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class TreeWriterTests
{
    private static readonly FileLook s_look = new((uint)Mono.Unix.Native.Syscall.getuid(), (uint)Mono.Unix.Native.Syscall.getgid(), 0x1a4, 0, 0);

    [Fact]
    public void The_last_of_a_name_wins()
    {
        using TemporaryTree tree = new();
        using TreeWriter writer = new(tree.Top);
        foreach (string text in (string[])["first", "second"])
        {
            using Microsoft.Win32.SafeHandles.SafeFileHandle file = writer.MakeFile("a"u8);
            Descriptors.Write(file, System.Text.Encoding.ASCII.GetBytes(text), "a");
        }

        Assert.Equal("second", tree.Read("/a"));

        // What the link led to is not the file's.
        writer.MakeSymlink("b"u8, "a"u8, s_look);
        writer.MakeFile("b"u8).Dispose();
        Assert.Equal("", tree.Read("/b"));
        Assert.Equal("second", tree.Read("/a"));

        writer.MakeSymlink("b"u8, "a"u8, s_look);
        Assert.Equal("second", tree.Read("/b"));
    }
}
