using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Facts about this process.</summary>
public static class Processes
{
    public static uint EffectiveUid => LibC.geteuid();

    public static bool IsTerminal(int fd) => LibC.isatty(fd) == 1;

    public static void SetUmask(uint mask) => _ = LibC.umask(mask);
}
