using Serve.Inference.Masks;
using Serve.Inference.Pictures;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes;

/// <summary>An annotated object of a drawn scene: what is seen of it.</summary>
/// <param name="Category">What it is.</param>
/// <param name="IsCrowd">A group that is not annotated one by one.</param>
/// <param name="Mask">Its visible pixels; the window is its box.</param>
/// <param name="Polygons">Its outline, or null where only run lengths tell it.</param>
internal sealed record SceneObject(SceneCategory Category, bool IsCrowd, BitMask Mask, IReadOnlyList<Vec[]>? Polygons);

/// <summary>A drawn picture and what is seen on it.</summary>
internal sealed record DrawnScene(Picture Picture, IReadOnlyList<SceneObject> Objects);
