using System.Buffers.Binary;
using System.Numerics;

namespace Nspawn.Core;

/// <summary>
/// SipHash-2-4: how systemd turns names into numbers that other programs of its kind come to as well; Aumasson and
/// Bernstein, "SipHash: a fast short-input PRF".
/// </summary>
public static class SipHash
{
    /// <summary>The hash under a key of 16 bytes.</summary>
    public static ulong Of(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        ulong k0 = BinaryPrimitives.ReadUInt64LittleEndian(key), k1 = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]);
        Span<ulong> v =
        [
            k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573,
        ];
        ulong last = (ulong)data.Length << 56;
        for (; data.Length >= 8; data = data[8..])
        {
            Take(v, BinaryPrimitives.ReadUInt64LittleEndian(data));
        }

        for (int i = 0; i < data.Length; i++)
        {
            last |= (ulong)data[i] << (8 * i);
        }

        Take(v, last);
        v[2] ^= 0xff;
        Rounds(v, 4);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
    }

    private static void Take(Span<ulong> v, ulong word)
    {
        v[3] ^= word;
        Rounds(v, 2);
        v[0] ^= word;
    }

    private static void Rounds(Span<ulong> v, int count)
    {
        for (; count > 0; count--)
        {
            v[0] += v[1];
            v[1] = BitOperations.RotateLeft(v[1], 13) ^ v[0];
            v[0] = BitOperations.RotateLeft(v[0], 32);
            v[2] += v[3];
            v[3] = BitOperations.RotateLeft(v[3], 16) ^ v[2];
            v[0] += v[3];
            v[3] = BitOperations.RotateLeft(v[3], 21) ^ v[0];
            v[2] += v[1];
            v[1] = BitOperations.RotateLeft(v[1], 17) ^ v[2];
            v[2] = BitOperations.RotateLeft(v[2], 32);
        }
    }
}
