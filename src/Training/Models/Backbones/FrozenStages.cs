using Serve.Training.Models.Layers;
using static TorchSharp.torch;

namespace Serve.Training.Models.Backbones;

/// <summary>Keeps the first stages of a backbone as they were loaded: no gradient, and no statistics that move.</summary>
internal static class FrozenStages
{
    /// <summary>Freezes stages.</summary>
    public static void Freeze(IEnumerable<nn.Module> stages)
    {
        foreach (var stage in stages)
        {
            foreach (var parameter in stage.parameters())
                parameter.requires_grad = false;
            foreach (var norm in stage.modules().Prepend(stage).OfType<NormLayer>())
                norm.FreezeStatistics();
        }
    }
}
