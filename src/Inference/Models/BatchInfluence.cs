using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Detection;
using Serve.Inference.Pictures;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Models;

/// <summary>Whether a picture's outputs depend on what it is run with.</summary>
internal static class BatchInfluence
{
    /// <summary>An operator that takes the range of all values of a batch.</summary>
    public const string RangeOperator = "DynamicQuantizeLinear";

    /// <summary>What other kernels and other orders of summation may change, as a fraction of the largest value.</summary>
    public const double Noise = 1e-3;

    /// <summary>Runs a picture of noise alone and beside a dark one.</summary>
    /// <returns>The largest difference, as a fraction of the output's largest value, over the outputs that have the batch as first dimension.</returns>
    public static double Measure(ModelSession session)
    {
        var input = session.Passport.Input;
        var pixels = new byte[3 * input.Width * input.Height];
        new Random(1).NextBytes(pixels);
        var noise = new Picture(input.Width, input.Height, pixels);
        var dark = new Picture(input.Width, input.Height, new byte[pixels.Length]);
        var alone = Run(session, noise);
        try
        {
            var together = Run(session, dark, noise);
            try
            {
                return alone.Values.Zip(together.Values, session.Decoder.AreByPicture)
                    .Max(output => output.Third ? Difference(output.First, output.Second) : 0);
            }
            finally
            {
                together.Release();
            }
        }
        finally
        {
            alone.Release();
        }
    }

    private static RunOutputs Run(ModelSession session, params ReadOnlySpan<Picture> pictures)
    {
        var plan = ResizePlan.For(session.Passport.Input, pictures[0].Width, pictures[0].Height);
        var buffer = session.Rent(new BufferShape(pictures.Length, plan.InputWidth, plan.InputHeight));
        try
        {
            for (var i = 0; i < pictures.Length; i++)
            {
                InputTensor.Write(pictures[i], session.Passport.Input, plan, buffer.Picture(i));
                buffer.WriteExtras(i, plan);
            }

            return session.Run(buffer, alone: false);
        }
        finally
        {
            session.Return(buffer);
        }
    }

    /// <summary>Of the last row of the larger batch to the one row of the other.</summary>
    private static double Difference(OrtValue alone, OrtValue together)
    {
        var (one, two) = (alone.GetTensorTypeAndShape(), together.GetTensorTypeAndShape());
        if (one.ElementDataType != TensorElementType.Float || one.Shape is not [1, .. var row] || two.Shape is not [2, .. var same] || !row.SequenceEqual(same))
            return 0;
        var expected = alone.GetTensorDataAsSpan<float>();
        var actual = together.GetTensorDataAsSpan<float>()[expected.Length..];
        var (largest, difference) = (1e-6f, 0f);
        for (var i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i]));
            difference = Math.Max(difference, Math.Abs(expected[i] - actual[i]));
        }

        return difference / largest;
    }
}
