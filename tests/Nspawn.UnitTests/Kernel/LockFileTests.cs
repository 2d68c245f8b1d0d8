using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public sealed class LockFileTests : IDisposable
{
    private readonly TemporaryTree _tree = new();

    private string File => _tree.Path + "/.#tree.lck";

    [Theory]
    [InlineData(false, false, false, false)]
    [InlineData(false, true, false, false)]
    [InlineData(true, false, false, true)]
    [InlineData(true, true, true, false)]
    public void Readers_exclude_writers_and_writers_everybody(bool firstReads, bool secondReads, bool both, bool readersOnly)
    {
        using LockFile? first = LockFile.TryTake(File, firstReads, out _);
        using LockFile? second = LockFile.TryTake(File, secondReads, out bool heldByReaders);

        Assert.NotNull(first);
        Assert.Equal((both, readersOnly), (second is not null, heldByReaders));
    }

    [Fact]
    public void The_last_one_removes_the_file()
    {
        LockFile first = LockFile.TryTake(File, shared: true, out _)!;
        LockFile second = LockFile.TryTake(File, shared: true, out _)!;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));

        first.Dispose();
        Assert.True(System.IO.File.Exists(File));
        second.Dispose();
        Assert.False(System.IO.File.Exists(File));
        second.Dispose();
    }

    [Fact]
    public void Who_was_refused_leaves_the_file_to_its_holder()
    {
        using (LockFile.TryTake(File, shared: false, out _))
        {
            Assert.Null(LockFile.TryTake(File, shared: false, out _));
            Assert.True(System.IO.File.Exists(File));
        }

        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public void A_stale_file_is_removed_and_a_held_one_is_not()
    {
        _ = _tree.With(".#tree.lck", "");
        LockFile.RemoveStale(File);
        Assert.False(System.IO.File.Exists(File));
        LockFile.RemoveStale(File);

        using LockFile? holder = LockFile.TryTake(File, shared: true, out _);
        LockFile.RemoveStale(File);
        Assert.True(System.IO.File.Exists(File));
    }

    [Fact]
    public void A_link_is_not_followed()
    {
        _ = _tree.WithLink(".#tree.lck", "../secret");

        Assert.Throws<SyscallException>(() => LockFile.TryTake(File, shared: false, out _));
    }

    public void Dispose() => _tree.Dispose();
}
