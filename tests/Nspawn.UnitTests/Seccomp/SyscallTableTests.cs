using System.Runtime.InteropServices;
using System.Text;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class SyscallTableTests
{
    /// <summary>
    /// libseccomp's answer for a name it does not know; a call that only other architectures have gets another
    /// negative number.
    /// </summary>
    private const int UnknownName = -1;

    private delegate int ResolveName(uint arch, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [Fact]
    public void Every_row_has_the_numbers_libseccomp_has()
    {
        Assert.SkipUnless(NativeLibrary.TryLoad("libseccomp.so.2", out nint library), "needs libseccomp.so.2");
        ResolveName resolve = Marshal.GetDelegateForFunctionPointer<ResolveName>(
            NativeLibrary.GetExport(library, "seccomp_syscall_resolve_name_arch"));

        int known = 0;
        foreach ((string name, int x8664, int i386) in SeccompFilterTests.AllRows())
        {
            if (resolve(ClassicBpf.X8664, name) is var number and not UnknownName)
            {
                known++;
                Assert.Equal((name, number < 0 ? SyscallTable.Absent : number), (name, x8664));

                // The calls that i386 also has in socketcall(2) and ipc(2) it gives made-up numbers there.
                int number32 = resolve(ClassicBpf.I386, name);
                if (number32 is not ((> -125 and <= -100) or (> -225 and <= -200)))
                {
                    Assert.Equal((name, number32 < 0 ? SyscallTable.Absent : number32), (name, i386));
                }
            }
        }

        Assert.InRange(known, 440, 600);
    }

    [Fact]
    public void Every_call_has_one_row_and_every_number_one_name()
    {
        List<(string Name, int X8664, int I386)> rows = SeccompFilterTests.AllRows();
        Assert.Equal(rows.Count, rows.DistinctBy(row => row.Name).Count());
        AssertDistinct([.. rows.Select(row => row.X8664).Where(number => number != SyscallTable.Absent)]);
        AssertDistinct([.. rows.Select(row => row.I386).Where(number => number != SyscallTable.Absent)]);
        Assert.All(rows, row => Assert.Matches("^[a-z_][a-z0-9_]*$", row.Name));
    }

    [Fact]
    public void Both_architectures_number_new_calls_alike()
    {
        foreach ((string name, int x8664, int i386) in SeccompFilterTests.AllRows())
        {
            if (x8664 >= 424)
            {
                Assert.Equal((name, x8664), (name, i386));
            }
        }
    }

    [Fact]
    public void Call_of_another_architecture_has_no_row()
    {
        string[] elsewhere = Encoding.ASCII.GetString(SyscallTable.Elsewhere).Split([' ', '\n']);
        Assert.Empty(elsewhere.Intersect(SeccompFilterTests.AllRows().Select(row => row.Name)));
    }

    [Theory]
    [InlineData("@file-system", "close", "open_tree", "statmount")]
    [InlineData("@debug", "ptrace", "perf_event_open")]
    [InlineData("@privileged", "chown", "setuid", "vhangup", "kexec_load", "bpf", "clock_settime")]
    [InlineData("@system-service", "read", "keyctl", "mlock", "uname", "landlock_add_rule")]
    [InlineData("@timer", "times", "alarm")]
    [InlineData("@obsolete", "uselib", "ustat")]
    public void Group_has_its_members(string name, params string[] calls)
    {
        SyscallGroup group = Assert.IsType<SyscallGroup>(SyscallGroup.Find(name));
        HashSet<string> members = [.. group.Calls];
        foreach (SyscallSection section in group.Sections)
        {
            foreach (SyscallRows row in SyscallTable.Rows(section))
            {
                _ = members.Add(Encoding.ASCII.GetString(row.Name));
            }
        }

        Assert.All(calls, call => Assert.Contains(call, members));
    }

    private static void AssertDistinct(List<int> numbers)
    {
        Assert.Equal(numbers.Count, numbers.Distinct().Count());
        Assert.All(numbers, number => Assert.InRange(number, 0, SyscallTable.Limit - 1));
    }
}
