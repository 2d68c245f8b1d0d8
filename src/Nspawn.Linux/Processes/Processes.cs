using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>This process.</summary>
public static class Processes
{
    public static uint EffectiveUid => LibC.geteuid();

    public static uint EffectiveGid => LibC.getegid();

    public static bool IsTerminal(int fd) => LibC.isatty(fd) == 1;

    /// <summary>What this process may pass on at most; prctl(2), PR_CAPBSET_READ.</summary>
    /// <param name="last">The last capability that the kernel knows.</param>
    public static CapabilitySet Bounding(out int last)
    {
        const int PR_CAPBSET_READ = 23, No = 0, Yes = 1;
        ulong mask = 0;
        for (last = -1; last < 63; last++)
        {
            nint answer = LibC.syscall(LibC.SYS_prctl, PR_CAPBSET_READ, last + 1, 0, 0, 0, 0);
            if (answer is not (No or Yes))
            {
                break;
            }

            mask |= (ulong)answer << (last + 1);
        }

        return new CapabilitySet(mask);
    }

    public static void SetUmask(uint mask) => _ = LibC.umask(mask);

    /// <summary>Sets a variable of the environment that a program executed by <see cref="BecomeProgram"/> gets.</summary>
    public static void SetVariable(string name, string value) => _ = Check.Result(LibC.setenv(name, value, 1), name);

    /// <summary>Takes it out again.</summary>
    public static void UnsetVariable(string name) => _ = Check.Result(LibC.unsetenv(name), name);

    /// <summary>Another program takes this one's place, with its number, its parent and its terminal. Returns only when it cannot; execvp(3).</summary>
    public static unsafe Errno BecomeProgram(string name, IReadOnlyList<string> arguments)
    {
        using ChildProgram memory = new();
        _ = LibC.execvp(name, (byte**)memory.TextArray(arguments));
        return Check.LastErrno();
    }
}
