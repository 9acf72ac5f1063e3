using System.Buffers.Binary;

namespace Serve.Api.Tests.Fuzz;

/// <summary>Damages bytes in the ways in which files and messages are damaged, or forged: what comes out depends on the random source alone.</summary>
internal static class Mutation
{
    private const int MostChanges = 4;

    /// <summary>Numbers at which sizes, counts and offsets go wrong.</summary>
    private static readonly long[] Edges = [0, 1, -1, 127, 128, 255, 256, 32767, 65535, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue];

    /// <summary>A damaged copy.</summary>
    /// <param name="whole">What is damaged.</param>
    /// <param name="other">What parts may be taken from.</param>
    /// <param name="random">Decides.</param>
    public static byte[] Of(byte[] whole, byte[] other, Random random)
    {
        List<byte> bytes = [.. whole];
        for (var change = random.Next(1, MostChanges + 1); change > 0; change--)
            Change(bytes, other, random);
        return [.. bytes];
    }

    private static void Change(List<byte> bytes, byte[] other, Random random)
    {
        var at = random.Next(bytes.Count + 1);
        var length = Math.Min(random.Next(1, 64), bytes.Count - at);
        switch (random.Next(9))
        {
            case 0 when length > 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when length > 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 5 when other.Length > 0:
                var from = random.Next(other.Length);
                bytes.InsertRange(at, other[from..Math.Min(other.Length, from + random.Next(1, 200))]);
                break;
            case 6:
                Overwrite(bytes, at, Edge(random));
                break;
            case 7:
                ReplaceNumber(bytes, at, random);
                break;
            default:
                for (var i = at; i < at + length; i++)
                    bytes[i] = 0;
                break;
        }
    }

    private static byte[] Edge(Random random)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Edges[random.Next(Edges.Length)]);
        return bytes[..(random.Next(3) switch { 0 => 2, 1 => 4, _ => 8 })];
    }

    private static void Overwrite(List<byte> bytes, int at, byte[] value)
    {
        for (var i = 0; i < value.Length && at + i < bytes.Count; i++)
            bytes[at + i] = value[i];
    }

    /// <summary>Puts another number in the place of the next one that is written in digits.</summary>
    private static void ReplaceNumber(List<byte> bytes, int at, Random random)
    {
        var start = bytes.FindIndex(at, value => char.IsAsciiDigit((char)value));
        if (start < 0)
            return;
        var end = bytes.FindIndex(start, value => !char.IsAsciiDigit((char)value));
        bytes.RemoveRange(start, (end < 0 ? bytes.Count : end) - start);
        bytes.InsertRange(start, System.Text.Encoding.ASCII.GetBytes($"{Edges[random.Next(Edges.Length)]}"));
    }
}
