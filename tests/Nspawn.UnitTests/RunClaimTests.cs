using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public sealed class RunClaimTests : IDisposable
{
    private readonly string _top = Directory.CreateTempSubdirectory("claims-").FullName;

    private string Run => _top + "/web";

    [Fact]
    public void One_at_a_time()
    {
        using (SafeFileHandle? claim = RunClaim.Take(Run))
        {
            Assert.NotNull(claim);
            Assert.Null(RunClaim.Take(Run));
        }

        using SafeFileHandle? next = RunClaim.Take(Run);
        Assert.NotNull(next);
    }

    [Fact]
    public void What_is_claimed_is_there_whoever_cleans_up_meanwhile()
    {
        using CancellationTokenSource end = new();
        Thread cleaner = new(() =>
        {
            while (!end.IsCancellationRequested)
            {
                using SafeFileHandle? claim = RunClaim.Take(Run);
                if (claim is not null)
                {
                    _ = FileSystems.RemoveDirectory(Run);
                }
            }
        });
        cleaner.Start();
        try
        {
            for (int i = 0; i < 2000; i++)
            {
                using SafeFileHandle? claim = RunClaim.Take(Run);
                Assert.True(claim is null || FileStatus.At(Run)?.Inode == FileStatus.Of(claim, Run).Inode);
            }
        }
        finally
        {
            end.Cancel();
            cleaner.Join();
        }
    }

    public void Dispose() => Directory.Delete(_top, recursive: true);
}
