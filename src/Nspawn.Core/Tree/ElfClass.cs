using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Tells a 32-bit tree by the header of its shell or init; elf(5).</summary>
public static class ElfClass
{
    private const byte Elf32 = 1;

    public static bool Is32Bit(RootDirectory tree)
    {
        foreach (string program in (ReadOnlySpan<string>)["/bin/sh", "/sbin/init"])
        {
            using SafeFileHandle? file = tree.TryOpenRegular(program);
            if (file is null)
            {
                continue;
            }

            byte[] header = Descriptors.ReadAll(file, 5, program);
            return header is [0x7f, (byte)'E', (byte)'L', (byte)'F', Elf32];
        }

        return false;
    }
}
