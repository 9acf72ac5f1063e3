using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Serve.Eval.Statistics;

/// <summary>Vectors that hold one number for each weighting of a block.</summary>
internal static class Lanes
{
    /// <summary>Weightings of a block.</summary>
    public const int Count = 16;

    /// <summary>A row of weights.</summary>
    /// <param name="weights">The first weight of row 0.</param>
    /// <param name="row">The row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Row(ref byte weights, int row)
    {
        var narrow = Vector128.LoadUnsafe(ref weights, (nuint)(uint)row * Count);
        if (Avx512F.IsSupported)
            return Avx512F.ConvertToVector512Int32(narrow);
        var (lower, upper) = Vector128.Widen(narrow);
        var (first, second) = Vector128.Widen(lower);
        var (third, fourth) = Vector128.Widen(upper);
        return Vector512.Create(Vector256.Create(first, second), Vector256.Create(third, fourth)).AsInt32();
    }

    /// <summary>The same numbers as doubles: the first eight, and the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<double> Lower, Vector512<double> Upper) ToDouble(Vector512<int> numbers)
    {
        if (Avx512F.IsSupported)
            return (Avx512F.ConvertToVector512Double(numbers.GetLower()), Avx512F.ConvertToVector512Double(numbers.GetUpper()));
        var (lower, upper) = Vector512.Widen(numbers);
        return (Vector512.ConvertToDouble(lower), Vector512.ConvertToDouble(upper));
    }
}
