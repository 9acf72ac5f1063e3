using System.Buffers;
using System.Runtime.InteropServices;
using Serve.Inference.Models;
using Serve.Inference.Pictures;

namespace Serve.Inference.Preprocessing;

/// <summary>Writes pictures as a model's input, in one pass: resized, padded, laid out, scaled and normalised.</summary>
public static class InputTensor
{
    /// <summary>Number of values of one picture's input, for models whose input has one size.</summary>
    public static int Length(InputSpec input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return checked(Picture.Channels * input.Height * input.Width);
    }

    /// <summary>Number of bytes of one picture's input.</summary>
    public static int ByteLength(InputSpec input, in ResizePlan plan)
    {
        ArgumentNullException.ThrowIfNull(input);
        return checked(Picture.Channels * plan.InputHeight * plan.InputWidth * SizeOf(input.Type));
    }

    /// <summary>Number of bytes of a value.</summary>
    public static int SizeOf(PixelType type) => type switch
    {
        PixelType.Float32 => sizeof(float),
        PixelType.Float16 => sizeof(ushort),
        _ => sizeof(byte),
    };

    /// <summary>Writes one picture for a model that takes 32-bit numbers.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="input">How the model wants it.</param>
    /// <param name="target">[3, Height, Width] or [Height, Width, 3] of <paramref name="input"/>, filled completely: (value * Scale - Mean) / Std.</param>
    /// <returns>Where the picture lies in it.</returns>
    public static ResizePlan Write(Picture picture, InputSpec input, Span<float> target)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(input);
        var plan = ResizePlan.For(input, picture.OriginalWidth, picture.OriginalHeight);
        Write(picture, input, plan, MemoryMarshal.AsBytes(target));
        return plan;
    }

    /// <summary>Writes one picture.</summary>
    /// <param name="picture">The picture, whole or shrunk while it was decoded; it is not used after the call.</param>
    /// <param name="input">How the model wants it.</param>
    /// <param name="plan">Where it lies: the plan for the picture's original size.</param>
    /// <param name="target">
    /// As many bytes as <see cref="ByteLength"/> says: [3, InputHeight, InputWidth] or [InputHeight, InputWidth, 3] of the plan, values of the input's type, filled
    /// completely: (value * Scale - Mean) / Std.
    /// </param>
    /// <exception cref="ArgumentException">The plan is not for this picture, or the target has another length.</exception>
    public static void Write(Picture picture, InputSpec input, in ResizePlan plan, Span<byte> target)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Length, ByteLength(input, plan));
        if ((plan.SourceWidth, plan.SourceHeight) != (picture.OriginalWidth, picture.OriginalHeight))
        {
            throw new ArgumentException(
                $"The plan is for a picture of {plan.SourceWidth}x{plan.SourceHeight} pixels, this one has {picture.OriginalWidth}x{picture.OriginalHeight}.", nameof(plan));
        }

        var tensor = new TensorRows(input, plan, target);
        tensor.Pad();
        var row = ArrayPool<uint>.Shared.Rent(plan.Width);
        using (var rows = ScaledRows.Of(picture, plan.Width, plan.Height, input.Filter))
        {
            for (var y = 0; y < plan.Height; y++)
            {
                rows.Read(y, row.AsSpan(0, plan.Width));
                tensor.Write(y, row.AsSpan(0, plan.Width));
            }
        }

        ArrayPool<uint>.Shared.Return(row);
        tensor.Dispose();
    }
}
